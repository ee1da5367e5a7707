# Prints what is open, one a line: a mapping, an array, a loop device, swap, or a mount that lies on something.
for f in /sys/block/dm-*/dm/name; do
  [ -e "$f" ] && IFS= read -r name <"$f" && printf 'dm %s\n' "$name"
done
for f in /sys/block/md*/md/array_state; do
  [ -e "$f" ] && read -r state <"$f" && [ "$state" != clear ] && f=${f#/sys/block/} && printf 'md %s\n' "${f%%/*}"
done
for f in /sys/block/loop*/loop/backing_file; do
  [ -e "$f" ] && f=${f#/sys/block/} && printf 'loop %s\n' "${f%%/*}"
done
for f in /sys/block/bcache*/bcache; do
  [ -e "$f" ] && f=${f#/sys/block/} && printf 'bcache %s\n' "${f%%/*}"
done
while read -r path _; do
  [ "$path" = Filename ] || printf 'swap %s\n' "$path"
done </proc/swaps
while read -r _ _ _ _ point rest; do
  case ${rest#* - } in
    "ext"* | "xfs "* | "jfs "* | "btrfs "* | "vfat "* | "f2fs "* | "squashfs "*) printf 'mount %s\n' "$point" ;;
  esac
done <"${1:-/proc/self/mountinfo}"
:
