# shellcheck shell=dash
# shellcheck disable=SC2154,SC2034 # text, nl, said, now, work: of the files sourced before; wiped is for receipt.sh
# After everything is closed, or as much as can be: keys and what they were made from leave the memory. docs/SECURITY.md says what stays.
# Never a sync(2) after this: it would wait for what is suspended here. reboot(2) does none.

# wipe_level: leaves keys, memory or off in $level. The kernel's command line counts for this one shutdown.
wipe_level() {
  local word
  level=keys
  ! slurp "$lib/wipe.level" || level=$text
  # shellcheck disable=SC2013 # words, as the kernel splits them
  for word in $(cat /proc/cmdline); do
    case $word in uninitramfs.wipe=*) level=${word#*=} ;; esac
  done
  case $level in
    keys|memory|off) ;;
    *)
      say 4 "no level of wiping is called $level: it is keys"
      level=keys
      ;;
  esac
}

# set_to TEXT FILE: settings of the kernel, as far as this one has them.
set_to() { { printf '%s' "$1" >"$2"; } 2>/dev/null; }

# What could not be closed loses its key (kernel: drivers/md/dm-crypt.c, crypt_message: only while suspended).
drop_open_keys() {
  local dev name
  for dev in /sys/block/dm-*; do
    slurp "$dev/dm/name" || continue
    name=$text
    if has_helper; then patiently 10 uninitramfs-helper drop "$name"; else drop_by_dmsetup "$name"; fi
    case $? in
      0) say 4 "[  OK  ] $name stays open, and its key is gone from memory" ;;
      3) ;;
      *) wiped=partly; say 3 "[FAILED] $name stays open with its key in memory: $said" ;;
    esac
  done
}

# By its table, "0 2048 crypt …": other mappings have names and UUIDs like it. No key is shown without --showkeys (dmsetup(8)).
drop_by_dmsetup() {
  patiently 10 dmsetup table "$1" || return 1
  case $said in *' crypt '*) ;; *) return 3 ;; esac
  patiently 10 dmsetup suspend --noflush --nolockfs "$1" && patiently 10 dmsetup message "$1" 0 key wipe
}

# has_helper: without it (a tree made where no C compiler was) less can be done, and that is said.
has_helper() { command -v uninitramfs-helper >/dev/null 2>&1; }

# helper SECONDS TITLE WORD…
helper() {
  local limit=$1 title=$2
  shift 2
  bounded "$limit" uninitramfs-helper "$@" || { wiped=partly; say 4 "[FAILED] $title: $said"; }
}

# Before the old root's own tmpfs are detached: their pages would go back to the kernel as they are. Not where a loop device's file lies.
wipe_old_tmpfs() {
  local at type
  [ "$level" != off ] && has_helper || return 0
  mounts >"$work/mounts"
  set --
  while read -r at type _; do
    case $type in tmpfs|ramfs) ;; *) continue ;; esac
    case $at in
      # /run is still needed. The helper leaves out what it runs from.
      /|/tmp|/run|/oldroot/run) continue ;;
    esac
    unescape "$at"
    carries_loop "$path" || set -- "$@" "$path"
  done <"$work/mounts"
  [ "$#" = 0 ] || helper 5 'overwriting temporary files' files "$@"
}

carries_loop() {
  local dev
  for dev in /sys/block/loop*/loop/backing_file; do
    slurp "$dev" || continue
    case /oldroot$text in "$1"/*) return 0 ;; esac
    case $text in "$1"/*) return 0 ;; esac
  done
  return 1
}

# fill_free_memory SECONDS SECONDS-FOR-THE-GAPS: as much of the free memory as the time allows goes to huge pages, which the kernel clears as
# it takes them (mm/hugetlb.c, init_on_alloc). Nothing has to be killed for them, and no page table is needed.
fill_free_memory() {
  local limit=$1 gaps=$2 until beat pool=/proc/sys/vm/nr_hugepages had level_before
  # What is kept back for hard times is memory as well.
  set_to '0 0 0 0 0' /proc/sys/vm/lowmem_reserve_ratio
  set_to 64 /proc/sys/vm/min_free_kbytes
  set_to 1 /proc/sys/vm/watermark_scale_factor
  set_to 0 /proc/sys/vm/watermark_boost_factor
  set_to 1 /proc/sys/vm/overcommit_memory
  set_to 0 /proc/sys/vm/panic_on_oom
  set_to 0 /proc/sys/vm/oom_dump_tasks
  memory_of MemFree
  free=$amount
  clock
  until=$((now + limit * 100)) beat=$((now + 100))
  rm -f "$work/filled"
  (
    set_to 100000000 "$pool"
    : >"$work/filled"
  ) &
  local child=$!
  while [ ! -e "$work/filled" ]; do
    sleep 0.05
    clock
    [ "$now" -lt "$beat" ] || {
      beat=$((now + 100))
      alive
      # The pool's own figure changes only at the end.
      memory_of MemFree
      say 6 "overwriting memory: $(((free - amount) / 1024)) of $((free / 1024)) MiB"
    }
    if [ "$now" -ge "$until" ]; then
      # It looks for signals between two pages.
      kill -9 "$child" 2>/dev/null
      break
    fi
  done
  memory_of HugePages_Total
  had=$amount
  memory_of Hugepagesize
  # The small gaps between, while the rest is held. Whoever has to be killed for that is the filler: nobody needs to read of it.
  if has_helper; then
    level_before=$(cat /proc/sys/kernel/printk)
    set_to 1 /proc/sys/kernel/printk
    # What the kernel keeps for itself alone is filled too: for these seconds nothing else needs memory.
    set_to 0 /proc/sys/vm/min_free_kbytes
    helper $((gaps + 30)) 'overwriting the gaps' fill "$gaps"
    set_to 64 /proc/sys/vm/min_free_kbytes
    set_to "${level_before%%[!0-9]*}" /proc/sys/kernel/printk
  fi
  # What comes next needs memory.
  set_to 0 "$pool"
  filled=$((had * amount / 1024)) free=$((free / 1024))
}

# memory_of WORD: leaves a figure of /proc/meminfo in $amount, 0 where there is none.
memory_of() {
  local word value _unit
  amount=0
  while read -r word value _unit; do
    [ "$word" != "$1:" ] || { amount=$value; return 0; }
  done </proc/meminfo
}

# wipe_memory: what $level asks for. Tells the console what it could not do, and leaves yes, partly or no in $wiped.
wiped=no
wipe_memory() {
  local dev filled=0 free=0 began
  [ "$level" != off ] || return 0
  wiped=yes
  clock
  began=$now
  drop_open_keys
  # Compressed swap is memory.
  while read -r dev _; do
    case $dev in */zram[0-9]*) bounded 20 swapoff "$dev" ;; esac
  done </proc/swaps
  for dev in /sys/block/zram*; do [ ! -e "$dev/reset" ] || bounded 10 set_to 1 "$dev/reset"; done
  if has_helper; then
    helper 5 'overwriting /run' files /run
    helper 5 'emptying the keyrings' keyring
    # A line on its way to a terminal would be lost.
    finish_speaking
    helper 5 'overwriting what was typed' ttys
  else
    set_to 0 /proc/sys/kernel/keys/gc_delay
    wiped=partly
    say 4 'there is no helper to wipe with: passphrases may stay in keyrings, terminals and sockets'
  fi
  # Reserved for a crash kernel, and outside of what can be filled.
  [ "$level" != memory ] || set_to 0 /sys/kernel/kexec_crash_size
  # What messages and terminals are kept in; what is free of it goes back.
  for dev in /sys/kernel/slab/kmalloc-*/shrink /sys/kernel/slab/skbuff*/shrink; do set_to 1 "$dev"; done
  ! has_helper || helper 5 'overwriting what went through sockets' sockets
  if [ "$level" = memory ]; then
    # It keeps what the processor's registers held when it needed them, such as a piece of a key that dm-crypt had just used (OpenZFS:
    # include/os/linux/kernel/linux/simd_x86.h). After a pool was there it may take ten seconds to go.
    if [ -d /sys/module/zfs ] && has_helper; then helper 60 'unloading ZFS' unload zfs zzstd zlua zunicode zavl icp zcommon znvpair; fi
    for dev in /sys/kernel/slab/*/shrink; do set_to 1 "$dev"; done
    # What was suspended may hold these up.
    bounded 20 set_to 3 /proc/sys/vm/drop_caches
    bounded 20 set_to 1 /proc/sys/vm/compact_memory
    fill_free_memory 100000 300
  fi
  clock
  seconds $((now - began))
  if [ "$level" = memory ]; then
    say 6 "[  OK  ] overwrite $free MiB of free memory ($filled in huge pages), keyrings, terminals, temporary files  $seconds"
  elif has_helper; then
    say 6 "[  OK  ] overwrite keyrings, terminals, temporary files  $seconds"
  fi
}
