#!/bin/sh
# What an exitrd does before the power goes, as a child of PID 1: everything in here may fail or hang without stopping the shutdown.
# $1 is the verb. Standard output is the console; fd 3 takes a word now and then, so that PID 1 sees that this is alive.

# shellcheck disable=SC2154,SC2034 # now, said, seconds, failed: of the files sourced
lib=${0%/*}
work=/tmp/work
verb=${1:-poweroff}
export PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C HOME=/
# No udev is left that could answer (dmsetup(8), lvm.conf(5)).
export DM_DISABLE_UDEV=1 LVM_SUPPRESS_FD_WARNINGS=1

# Every process that is started here is time in which the machine stands still: so these are made in one go.
mkdir -p "$work"
mkfifo -m 600 "$work/lines" "$work/returned" "$work/ended.0"
for part in probes steps plan bounded say mounts suspended survivors sweep wipe receipt; do
  # shellcheck source=/dev/null
  . "$lib/$part.sh"
done

alive() { echo alive >&3; }

# What the plan of the boot knew and a later one found closed: so that every device is named.
tell_the_rest() {
  local k=0 each
  [ "${plan:-}" = "$lib/plan" ] && choose_plan "$lib/plan.boot" || return 0
  forget_steps
  # shellcheck source=/dev/null
  . "$plan"
  while [ "$k" != "$steps" ]; do
    k=$((k + 1))
    eval "each=\$title_$k"
    case $told in *"$nl$each$nl"*) continue ;; esac
    ! "unless_$k" || say 6 "[  OK  ] $each  was done"
  done
}

# run_programs WORD: those of the administrator's, each with the verb as its argument. One that prints without end fills a place of its own.
run_programs() {
  local program
  [ -r "$lib/$1" ] || return 0
  [ -d "$work/theirs" ] || { mkdir "$work/theirs" && mount -t tmpfs -o mode=0700,size=1m,nosuid,nodev,noexec tmpfs "$work/theirs"; }
  while IFS= read -r program <&5; do
    if bounded 15 apart "$program" "$verb"; then say 6 "[  OK  ] run $program"; else say 4 "[FAILED] run $program: $said"; fi
  done 5<"$lib/$1"
}
apart() {
  local code
  "$@" >"$work/theirs/said" 2>&1
  code=$?
  tail -n 1 "$work/theirs/said"
  return "$code"
}

# Ten lines in five seconds are not enough (kernel: Documentation/admin-guide/sysctl/kernel.rst, printk_devkmsg).
echo on 2>/dev/null >/proc/sys/kernel/printk_devkmsg
start_speaker
clock
began=$now
alive
run_programs exitrd_before
end_survivors idle
# systemd has done so before. Nobody waits for it: an unmount writes what is left by itself, and has its bound.
sync &
wipe_level
wipe_old_tmpfs
free_old_root
resume_suspended
if choose_plan "$lib/plan" "$lib/plan.boot"; then
  # shellcheck source=/dev/null
  . "$plan"
  run_plan
  if [ "$failed" = yes ]; then
    # Data first: what a storage daemon serves cannot be written once the daemon is gone.
    remount_read_only
    end_survivors all
    free_old_root
    say 6 'trying again what failed'
    again=yes closed=0
    forget_steps
    # shellcheck source=/dev/null
    . "$plan"
    run_plan
  fi
else
  say 4 'there is no plan: everything is taken apart leaf first'
fi
sweep
if data_mounts "$work/data"; then
  remount_read_only
  end_survivors all
  sweep
fi
end_survivors all
planned=$steps
tell_the_rest
clock
seconds $((now - began))
took=$seconds
left >"$work/left"
if [ -s "$work/left" ]; then
  bounded 30 sync
  say 3 "still open after $seconds:"
  while read -r line; do say 3 "  $line"; done <"$work/left"
else
  say 6 "everything is closed, in $seconds"
fi
run_programs exitrd_after
wipe_memory
# Last, so that it can tell of all before. What it lies on was closed with everything else, and holds no secret.
leave_receipt "$verb"
finish_speaking
echo end >&3
