# shellcheck shell=dash
# shellcheck disable=SC2154,SC2034 # nl, text, said, now, seconds, shown: of the files sourced before; assembled is a caller's
# How this shutdown went, left for the next boot where the administrator allows it: `uninitramfs last` reads it. The place was found out
# while the machine ran (src/exitrd/receipt.ts), because nothing that could be asked is there any more.

# What counts for it: work.sh and wipe.sh say the rest in closed, took and wiped.
receipt_room=1000

# receipt_disk FILE NUMBER: in the receipt's place. A disk is this very one as long as its number is the same (kernel:
# Documentation/ABI/stable/sysfs-block, diskseq): what was plugged in since may have taken over its name.
receipt_disk() { receipt_strange="$receipt_strange$(equals "$1" "$2" || echo " $1")"; }

# receipt_text VERB: KEY=VALUE a line. A name is as the console has it, and what has no room is counted.
receipt_text() {
  local out line more=0 boot='' wall
  ! slurp /proc/sys/kernel/random/boot_id || boot=$text
  clock
  out="uninitramfs=1${nl}version=$receipt_version${nl}verb=$1${nl}boot=$boot${nl}uptime=$((now / 100))$nl"
  # A clock that runs behind the time at which this tree was made tells nothing.
  wall=$(date -u +%s)
  [ "${wall:-0}" -lt "$receipt_since" ] || out="${out}time=$wall$nl"
  out="${out}seconds=${took% s}${nl}closed=$closed${nl}steps=${planned:-$steps}${nl}wipe=$level${nl}wiped=$wiped$nl"
  while read -r line; do
    printable "$line"
    line=$(printf '%.200s' "$shown")
    if [ $((${#out} + ${#line})) -gt $((receipt_room - 30)) ]; then more=$((more + 1)); else out="${out}left=$line$nl"; fi
  done <"$work/left"
  [ "$more" = 0 ] || out="${out}left_more=$more$nl"
  printf '%s' "${out}end=1"
}

# assemble_receipt_array: by the kernel's own means, which reads the superblocks itself (Documentation/admin-guide/md.rst). systemd stops
# an array once nothing is mounted from it, before anybody could ask it not to.
assemble_receipt_array() {
  local md=/sys/block/$receipt_array/md member
  text=clear
  if slurp "$md/array_state"; then
    case $text in
      clear) ;;
      inactive) echo "$receipt_array is in pieces"; return 1 ;;
      *) return 0 ;;
    esac
  else
    put_word "$receipt_array" /sys/module/md_mod/parameters/new_array || return 1
  fi
  assembled=$md/array_state
  put_word "$receipt_metadata" "$md/metadata_version" || return 1
  for member in $receipt_members; do put_word "$member" "$md/new_dev" || return 1; done
  put_word active "$assembled"
}

put_receipt_there() {
  local to=$work/at$receipt_path
  [ -d "${to%/*}" ] || { echo "there is no folder ${receipt_path%/*} on $receipt_device"; return 1; }
  dd if="$work/receipt" of="$to.new" bs=1024 conv=fsync || return 1
  mv -f "$to.new" "$to"
}

# Mounts the one file system once more, and leaves nothing open that was closed.
put_receipt_file() {
  local assembled='' code=0
  if [ -n "$receipt_strange" ]; then
    echo "there is another disk now:$receipt_strange"
    return 1
  fi
  umask 077
  printf "%-$((receipt_room + 23))s\\n" "$(cat "$work/receipt.text")" >"$work/receipt"
  [ -z "$receipt_array" ] || assemble_receipt_array || code=1
  if [ "$code" = 0 ]; then
    mkdir -p "$work/at"
    if mount -t "$receipt_type" -o "$receipt_options" "$receipt_device" "$work/at"; then
      put_receipt_there || code=1
      umount "$work/at" || code=1
    else
      code=1
    fi
  fi
  [ -z "$assembled" ] || put_word clear "$assembled" || code=1
  return "$code"
}

# A variable of the firmware, whose immutable mark sh cannot take away.
put_receipt_efi() {
  local code=0
  mkdir -p "$work/at"
  mount -t efivarfs -o nosuid,nodev,noexec efivarfs "$work/at" || return 1
  uninitramfs-helper efivar "$work/at/$receipt_variable" <"$work/receipt.text" || code=1
  umount "$work/at" || code=1
  return "$code"
}

# leave_receipt VERB: at most ten seconds, whatever becomes of it.
leave_receipt() {
  [ -r "$lib/receipt" ] || return 0
  receipt_strange=
  # shellcheck source=/dev/null
  . "$lib/receipt"
  receipt_text "$1" >"$work/receipt.text"
  if bounded 10 "put_receipt_$receipt_kind"; then
    say 6 '[  OK  ] leave a receipt for the next boot'
  else
    say 4 "[FAILED] leave a receipt for the next boot: $said"
  fi
}
