# rented-server: RAID1 /boot, RAID0 under LUKS under LVM.
. /lab/hosts/lib.sh
modprobe raid0
modprobe raid1

build() {
  disks 2 220
  for d in sda sdb; do partition /dev/$d "${BOOT_MB:-20}" -; done
  array /dev/md0 --level=1 --raid-devices=2 /dev/sda1 /dev/sdb1
  array /dev/md1 --level=0 --raid-devices=2 /dev/sda2 /dev/sdb2
  mke2fs -q -t ext3 /dev/md0
  luks /dev/md1 cryptroot
  pvcreate -q /dev/mapper/cryptroot
  vgcreate -q vg0 /dev/mapper/cryptroot
  lvcreate -q -y -n swap -L "${SWAP_MB:-24}M" vg0
  lvcreate -q -y -n root -l 100%FREE vg0
  mkswap -q /dev/vg0/swap
  mke2fs -q -t ext4 /dev/vg0/root
  mount_all
  swapon /dev/vg0/swap
  mkdir -p "$T/etc"
  echo 'cryptroot /dev/md1 none luks,initramfs' >"$T/etc/crypttab"
  fill "$T/"
  fill "$T/boot"
}

mount_all() {
  at /dev/vg0/root /
  at /dev/md0 /boot
}

reopen() {
  array_clean /dev/sda1 /dev/sdb1
  array_clean /dev/sda2 /dev/sdb2
  mdadm --assemble -q /dev/md0 /dev/sda1 /dev/sdb1
  mdadm --assemble -q /dev/md1 /dev/sda2 /dev/sdb2
  udevadm settle
  cryptsetup open --key-file $PASS /dev/md1 cryptroot
  udevadm settle
  vgchange -q -ay vg0
  clean /dev/vg0/root /dev/md0
  mount_all
  same
}
