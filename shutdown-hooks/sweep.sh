# shellcheck shell=dash
# shellcheck disable=SC2154 # said, path, text, work: of the files sourced before
# Whatever the plan did not know, or could not do: leaf first, as often as anything changes. Names play no part here.

# attempt TITLE SECONDS COMMAND…: quiet when it fails, the report at the end tells what stayed.
attempt() {
  local title=$1 limit=$2
  shift 2
  case "$hung" in *"$nl$title$nl"*) return 1 ;; esac
  patiently "$limit" "$@"
  case $? in
    0) say 6 "[  OK  ] $title, which no plan knew"; changed=yes ;;
    124) say 4 "[ HUNG ] $title: $said"; hung="$hung$nl$title$nl" ;;
  esac
}

# put_word TEXT FILE
put_word() { printf %s "$1" >"$2"; }

# Both are promised at once and happen later, or not at all when somebody holds the device.
detach_loop() {
  losetup -d "/dev/$1" && sleep 0.1 && [ ! -e "/sys/block/$1/loop/backing_file" ]
}
stop_bcache() {
  local waited=0
  put_word 1 "$1/stop" || return 1
  while [ -e "$1" ]; do
    [ "$waited" -lt 200 ] || return 1
    sleep 0.1
    waited=$((waited + 1))
  done
}

# is_free DIRECTORY-OF-A-DEVICE: nothing holds it or a partition of it (kernel: block/holder.c).
is_free() {
  local holder
  for holder in "$1"/holders/* "$1"/*/holders/*; do [ ! -e "$holder" ] || return 1; done
}

sweep_mounts() {
  local at type options
  ! mounted /oldroot || free_old_root
  data_mounts "$work/data" || return 0
  while read -r at type options; do
    unescape "$at"
    attempt "unmount $at" 30 umount "$path"
  done <"$work/data"
}

sweep_swap() {
  local at kind
  while read -r at kind _; do
    # The first line is a heading.
    case $at in /*) ;; *) continue ;; esac
    unescape "$at"
    case $path in */zram[0-9]*) continue ;; esac
    # A path of the old root's /dev is no longer reachable under that name.
    [ -e "$path" ] || [ "$kind" != partition ] || path=/dev/${path##*/}
    attempt "turn off swap $at" 60 swapoff "$path"
  done </proc/swaps
}

sweep_devices() {
  local dev state
  for dev in /sys/block/*; do
    case ${dev##*/} in
      loop*|dm-*|md*|bcache*) is_free "$dev" || continue ;;
      *) continue ;;
    esac
    case ${dev##*/} in
      loop*) [ ! -e "$dev/loop/backing_file" ] || attempt "detach ${dev##*/}" 10 detach_loop "${dev##*/}" ;;
      dm-*) slurp "$dev/dev" && attempt "remove mapping $(cat "$dev/dm/name")" 30 dmsetup remove -j "${text%:*}" -m "${text#*:}" ;;
      md*)
        slurp "$dev/md/array_state" || continue
        state=$text
        case $state in clear|inactive) continue ;; esac
        attempt "stop array ${dev##*/}" 30 put_word clear "$dev/md/array_state"
        ;;
      bcache*) [ ! -e "$dev/bcache/stop" ] || attempt "stop ${dev##*/}" 30 stop_bcache "$dev/bcache" ;;
    esac
  done
  for dev in /proc/spl/kstat/zfs/*/state; do
    dev=${dev%/state}
    [ ! -e "$dev" ] || ! command -v zpool >/dev/null || attempt "export pool ${dev##*/}" 60 zpool export "${dev##*/}"
  done
  for dev in /sys/fs/bcache/*-*; do [ ! -e "$dev/stop" ] || attempt "stop bcache set ${dev##*/}" 30 stop_bcache "$dev"; done
}

# What hung once would only hang again, in every later round too.
hung=

sweep() {
  local round=0
  changed=yes
  while [ "$changed" = yes ] && [ "$round" -lt 12 ]; do
    changed=no round=$((round + 1))
    sweep_swap
    sweep_mounts
    sweep_devices
  done
}

# What cannot be unmounted is at least made read-only: its journal is written out and closed, and the next boot has nothing to mend.
remount_read_only() {
  local at type options who
  data_mounts "$work/data" || return 0
  while read -r at type options; do
    unescape "$at"
    at=$path
    case ",$options," in
      *,ro,*)
        who=$(users "$at")
        [ -z "$who" ] || say 4 "$at is in use by $who"
        continue
        ;;
    esac
    if patiently 30 mount -o remount,ro "$at"; then
      say 4 "[  OK  ] $at is read-only now, because it could not be unmounted: in use by $(users "$at")"
    else
      who=$(users "$at")
      say 3 "[FAILED] $at stays mounted and writable: $said${who:+; in use by $who}"
    fi
  done <"$work/data"
}

# left: one line for each thing that is still open.
left() {
  local at type dev
  data_mounts "$work/data"
  while read -r at type _; do echo "$at ($type) is mounted"; done <"$work/data"
  while read -r at _; do case $at in */zram[0-9]*) ;; /*) echo "$at is active swap" ;; esac; done </proc/swaps
  for dev in /sys/block/*; do
    case ${dev##*/} in
      loop*) [ ! -e "$dev/loop/backing_file" ] || echo "${dev##*/} is attached to $(cat "$dev/loop/backing_file")" ;;
      dm-*) echo "$(cat "$dev/dm/name") (${dev##*/}) is open$(held_by "$dev")" ;;
      md*)
        slurp "$dev/md/array_state" || continue
        case $text in clear|inactive) ;; *) echo "${dev##*/} is $text$(held_by "$dev")" ;; esac
        ;;
      bcache*) echo "${dev##*/} is running" ;;
    esac
  done
  for dev in /proc/spl/kstat/zfs/*/state; do
    dev=${dev%/state}
    [ ! -e "$dev" ] || echo "pool ${dev##*/} is imported"
  done
}

held_by() {
  local holder names=''
  for holder in "$1"/holders/* "$1"/*/holders/*; do [ ! -e "$holder" ] || names="$names ${holder##*/}"; done
  [ -z "$names" ] || echo ", held by$names"
}
