# Words the host recipes are written in. A recipe builds its stack below $T and leaves it mounted.
T=${T:-/target}
PASS=/run/pass
printf 'correct horse battery staple' >$PASS

# disks COUNT MB: disks named sda, sdb, … backed by memory, one store each; or those the guest was started with.
disks() {
  [ ! -b /dev/ubda ] || { given_disks; return; }
  modprobe sd_mod
  modprobe scsi_debug add_host=0 per_host_store=1 "dev_size_mb=$2" lbpu=1 delay=0
  letters=abcdefghijklmnopqrstuvwxyz
  i=0
  while [ $i -lt "$1" ]; do
    i=$((i + 1))
    echo 1 >/sys/bus/pseudo/drivers/scsi_debug/add_host
    name=sd$(printf %s "$letters" | cut -c$i)
    while [ ! -b "/dev/$name" ]; do sleep 0.05; done
  done
  udevadm settle
}

# given_disks: the names that recipes use, for the disks of User Mode Linux.
given_disks() {
  mkdir -p /run/udev/rules.d
  for d in a b c d; do echo "SUBSYSTEM==\"block\", KERNEL==\"ubd$d*\", SYMLINK+=\"sd$d%n\""; done >/run/udev/rules.d/10-ubd.rules
  udevadm control --reload
  udevadm trigger --settle --subsystem-match=block
}

# partition DISK MB…: as many partitions, the last one takes the rest when it is "-".
partition() {
  disk=$1
  shift
  for size in "$@"; do
    if [ "$size" = - ]; then echo ','; else echo ",${size}M"; fi
  done | sfdisk -q --label gpt "$disk"
  udevadm settle
}

# luks DEVICE NAME [KEYFILE] [luksFormat options]: format and open.
luks() {
  dev=$1 name=$2 key=${3:-$PASS}
  [ $# -ge 3 ] && shift 3 || shift 2
  cryptsetup luksFormat -q --type luks2 --luks2-metadata-size 16k --luks2-keyslots-size 256k --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file "$key" "$@" "$dev"
  cryptsetup open --key-file "$key" "$dev" "$name"
}

array() {
  mdadm --create "$@" --run --quiet --assume-clean --homehost=any
  udevadm settle
}

at() {
  mkdir -p "$T$2"
  mount ${3:+-o "$3"} "$1" "$T$2"
}

# shut: closes all that a recipe opened, with the layers' own tools.
shut() {
  sed 1d /proc/swaps | while read -r swap _; do swapoff "$swap"; done
  umount -R "$T"
  for _ in 1 2 3 4 5 6; do
    vgchange -q -an >/dev/null 2>&1 || true
    for map in $(dmsetup ls --target crypt | grep -v '^No devices' | cut -f1); do cryptsetup close "$map" 2>/dev/null || true; done
    mdadm --stop --scan -q 2>/dev/null || true
    udevadm settle
  done
  closed
}

# closed: fails, showing what is there, unless no mapping, array, loop device, swap, bcache or mount below $T is open.
closed() {
  bad=0
  [ "$(dmsetup ls)" = 'No devices found' ] || { dmsetup ls --tree; bad=1; }
  for m in /sys/block/md*/md/array_state; do [ ! -e "$m" ] || { echo "$m: $(cat "$m")"; bad=1; }; done
  for l in /sys/block/loop*/loop/backing_file; do [ ! -e "$l" ] || { echo "$l: $(cat "$l")"; bad=1; }; done
  for b in /sys/block/bcache* /sys/fs/bcache/*-*; do [ ! -e "$b" ] || { echo "$b"; bad=1; }; done
  [ "$(wc -l </proc/swaps)" = 1 ] || { cat /proc/swaps; bad=1; }
  # A tmpfs lies on nothing.
  grep " $T" /proc/self/mountinfo | grep -v -- ' - tmpfs ' && bad=1
  for b in /sys/fs/btrfs/*-*; do [ ! -e "$b" ] || { echo "$b"; bad=1; }; done
  [ $bad = 0 ] && echo "all closed"
}

# array_clean MEMBER…: every superblock says clean, and all counted the same events.
array_clean() {
  for member; do
    mdadm --examine "$member" | grep -q 'State : clean' || { echo "$member is not clean"; mdadm --examine "$member"; return 1; }
  done
  [ "$(for member; do mdadm --examine "$member" | grep 'Events :'; done | sort -u | wc -l)" = 1 ] || { echo "events differ: $*"; return 1; }
}

# clean DEVICE…: the file system on each was unmounted, nothing is left to replay.
clean() {
  for dev; do
    type=$(blkid -p -o value -s TYPE "$dev")
    case $type in
      ext*) dumpe2fs -h "$dev" 2>/dev/null | grep -q '^Filesystem state: *clean$' && ! dumpe2fs -h "$dev" 2>/dev/null | grep -q needs_recovery ;;
      xfs) xfs_logprint -t "$dev" 2>/dev/null | grep -q 'log tail:.*state: <CLEAN>' ;;
      jfs) jfs_fsck -n "$dev" 2>&1 | grep -qi 'clean' ;;
      btrfs) btrfs inspect-internal dump-super "$dev" | grep -Eq '^log_root[[:space:]]+0$' ;;
      *) echo "$dev: unexpected $type"; false ;;
    esac || { echo "$dev ($type) is not clean"; return 1; }
  done
}

# fill PATH: leaves data behind whose sum is remembered; same PATH: compares.
fill() {
  dd if=/dev/urandom of="$1/data" bs=64k count=16 status=none
  sha256sum "$1/data" >>/run/sums
}
same() { sha256sum --quiet -c /run/sums; }
