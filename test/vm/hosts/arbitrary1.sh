# arbitrary, nesting 1: 4 disks, md RAID6, LVM, two LVs, each its own LUKS, ext4 and btrfs.
. /lab/hosts/lib.sh
modprobe raid456

build() {
  disks 4 220
  array /dev/md0 --level=6 --raid-devices=4 --metadata=1.2 /dev/sda /dev/sdb /dev/sdc /dev/sdd
  pvcreate -q /dev/md0
  vgcreate -q data /dev/md0
  lvcreate -q -y -n one -L "${ONE_MB:-210}M" data
  lvcreate -q -y -n two -L 180M data
  luks /dev/data/one one_crypt
  luks /dev/data/two two_crypt
  mke2fs -q -t ext4 /dev/mapper/one_crypt
  mkfs.btrfs -q -f /dev/mapper/two_crypt
  mount_all
  fill "$T${ONE:-/srv/one}"
  fill "$T${TWO:-/srv/two}"
}

mount_all() {
  at /dev/mapper/one_crypt "${ONE:-/srv/one}"
  at /dev/mapper/two_crypt "${TWO:-/srv/two}"
}

reopen() {
  array_clean /dev/sda /dev/sdb /dev/sdc /dev/sdd
  mdadm --assemble -q /dev/md0 /dev/sda /dev/sdb /dev/sdc /dev/sdd
  udevadm settle
  vgchange -q -ay data
  cryptsetup open --key-file $PASS /dev/data/one one_crypt
  cryptsetup open --key-file $PASS /dev/data/two two_crypt
  clean /dev/mapper/one_crypt /dev/mapper/two_crypt
  mount_all
  same
}
