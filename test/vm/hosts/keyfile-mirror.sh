# keyfile-mirror: the reference host zfs-mirror with a btrfs in the pool's place: a mirror on two LUKS devices, whose key is the raw contents of a
# third, on an array of its own.
. /lab/hosts/lib.sh
modprobe raid1

build() {
  disks 2 220
  for d in sda sdb; do partition /dev/$d "${BOOT_MB:-20}" 8 "${ROOT_MB:-140}" -; done
  array /dev/md0 --level=1 --raid-devices=2 /dev/sda1 /dev/sdb1
  array /dev/md1 --level=1 --raid-devices=2 /dev/sda2 /dev/sdb2
  mke2fs -q -t ext2 /dev/md0
  luks /dev/md1 keyfile
  head -c 4096 /dev/urandom >/run/raw.key
  dd if=/run/raw.key of=/dev/mapper/keyfile bs=4096 conv=fsync status=none
  luks /dev/sda3 rpool-crypt0 /run/raw.key
  luks /dev/sdb3 rpool-crypt1 /run/raw.key
  mkfs.btrfs -q -f -d raid1 -m raid1 -L rpool /dev/mapper/rpool-crypt0 /dev/mapper/rpool-crypt1
  luks /dev/sda4 data /run/raw.key
  mke2fs -q -t ext4 -L data /dev/mapper/data
  udevadm settle
  at /dev/mapper/rpool-crypt0 /
  at /dev/md0 /boot
  at /dev/mapper/data /srv/data
}
