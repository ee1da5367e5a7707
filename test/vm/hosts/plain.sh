# plain: one disk, one partition, one file system.
. /lab/hosts/lib.sh

build() {
  disks 1 220
  partition /dev/sda -
  mke2fs -q -t ext4 /dev/sda1
  at /dev/sda1 /
}
