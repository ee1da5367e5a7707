# arbitrary, nesting 2: 3 disks, md RAID5, LUKS, LVM, three LVs: xfs, ext4, jfs.
. /lab/hosts/lib.sh
modprobe raid456

build() {
  disks 3 330
  array /dev/md0 --level=5 --raid-devices=3 /dev/sda /dev/sdb /dev/sdc
  luks /dev/md0 md0_crypt
  pvcreate -q /dev/mapper/md0_crypt
  vgcreate -q data /dev/mapper/md0_crypt
  volumes
}

volumes() {
  lvcreate -q -y -n xfs -L 320M data
  lvcreate -q -y -n ext4 -L "${EXT4_MB:-230}M" data
  lvcreate -q -y -n jfs -L 40M data
  mkfs.xfs -q /dev/data/xfs
  mke2fs -q -t ext4 /dev/data/ext4
  mkfs.jfs -q /dev/data/jfs >/dev/null
  mount_all
  fill "$T${XFS:-/srv/xfs}"
  fill "$T${EXT4:-/srv/ext4}"
  fill "$T${JFS:-/srv/jfs}"
}

mount_all() {
  at /dev/data/ext4 "${EXT4:-/srv/ext4}"
  at /dev/data/xfs "${XFS:-/srv/xfs}"
  at /dev/data/jfs "${JFS:-/srv/jfs}"
}

check_all() {
  clean /dev/data/xfs /dev/data/ext4 /dev/data/jfs
  mount_all
  same
}

reopen() {
  array_clean /dev/sda /dev/sdb /dev/sdc
  mdadm --assemble -q /dev/md0 /dev/sda /dev/sdb /dev/sdc
  udevadm settle
  cryptsetup open --key-file $PASS /dev/md0 md0_crypt
  udevadm settle
  vgchange -q -ay data
  check_all
}
