# arbitrary, nesting 3: 3 disks, LUKS each, md RAID10, LVM, three LVs: xfs, ext4, jfs.
. /lab/hosts/arbitrary2.sh
modprobe raid10

build() {
  disks 3 430
  for d in a b c; do luks /dev/sd$d sd${d}_crypt; done
  array /dev/md0 --level=10 --raid-devices=3 /dev/mapper/sda_crypt /dev/mapper/sdb_crypt /dev/mapper/sdc_crypt
  pvcreate -q /dev/md0
  vgcreate -q data /dev/md0
  volumes
}

reopen() {
  for d in a b c; do cryptsetup open --key-file $PASS /dev/sd$d sd${d}_crypt; done
  array_clean /dev/mapper/sda_crypt /dev/mapper/sdb_crypt /dev/mapper/sdc_crypt
  udevadm settle
  # udev may have put it together already.
  [ -e /sys/block/md0/md/level ] || mdadm --assemble -q /dev/md0 /dev/mapper/sda_crypt /dev/mapper/sdb_crypt /dev/mapper/sdc_crypt
  udevadm settle
  vgchange -q -ay data
  check_all
}
