. /lab/hosts/lib.sh

# What the benchmarks close. make_… once, open_… before each round.
WIDE=64
wide_devices() {
  for d in sda sdb; do
    i=0
    while [ $i -lt $((WIDE / 2)) ]; do
      i=$((i + 1))
      echo "$d$i"
    done
  done
}

# make_wide: 64 partitions with a LUKS device each, under a VG with one LV, under ext4.
make_wide() {
  # Nobody wants what is opened here to be activated by an event, and looking for that takes minutes.
  mkdir -p /run/udev/rules.d
  : >/run/udev/rules.d/69-lvm.rules
  udevadm control --reload
  disks 2 $((WIDE / 2 * 16 + 8))
  for d in sda sdb; do
    for n in $(seq $((WIDE / 2))); do echo ',16M'; done | sfdisk -q --label gpt /dev/$d
  done
  udevadm settle
  # One header for all: making 64 takes minutes in a guest.
  cryptsetup luksFormat -q --type luks2 --luks2-metadata-size 16k --luks2-keyslots-size 256k --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file $PASS /dev/sda1
  dd if=/dev/sda1 of=/run/header bs=1M count=2 status=none
  for d in $(wide_devices); do
    dd if=/run/header of=/dev/$d bs=1M conv=notrunc status=none
    cryptsetup open --disable-keyring --key-file $PASS /dev/$d luks_$d
    vgcreate -q -s 1m vg_$d /dev/mapper/luks_$d
    lvcreate -q -y -Wn -n data -l 100%FREE vg_$d
    mke2fs -q -t ext4 /dev/vg_$d/data
  done
  mount_wide
  mkdir -p /run/tables
  for d in $(wide_devices); do
    dmsetup table --showkeys luks_$d >/run/tables/$d
    dmsetup info -c --noheadings -o uuid luks_$d >/run/tables/$d.uuid
    dmsetup table vg_$d-data >/run/tables/$d.lv
    dmsetup info -c --noheadings -o uuid vg_$d-data >/run/tables/$d.lv.uuid
  done
}

mount_wide() {
  for d in $(wide_devices); do at /dev/mapper/vg_$d-data /srv/$d & done
  wait
  [ "$(grep -c " $T/srv/sd" /proc/self/mountinfo)" = $WIDE ]
}

# open_lv DEVICE: the LV on it; the number of what it lies on may have changed.
open_lv() {
  under=$(readlink -f "/dev/mapper/luks_$1")
  read -r number <"/sys/block/${under##*/}/dev"
  sed "s/ [0-9]*:[0-9]* / $number /" "/run/tables/$1.lv" | dmsetup create "vg_$1-data" --noudevsync -u "$(cat "/run/tables/$1.lv.uuid")"
}

# open_wide: by the tables, which takes seconds; cryptsetup and lvm2 would take two minutes.
open_wide() {
  for d in $(wide_devices); do dmsetup create luks_$d --noudevsync -u "$(cat /run/tables/$d.uuid)" /run/tables/$d & done
  wait
  udevadm settle
  for d in $(wide_devices); do open_lv $d & done
  wait
  udevadm settle
  mount_wide
}

# make_deep: one thing on another, twelve layers with the partition and the file system.
make_deep() {
  disks 1 300
  partition /dev/sda -
  under=/dev/sda1
  for n in 1 2 3 4 5; do
    luks $under crypt$n
    vgcreate -q -s 1m vg$n /dev/mapper/crypt$n
    lvcreate -q -y -Wn -n data -l 100%FREE vg$n
    under=/dev/vg$n/data
  done
  mke2fs -q -t ext4 $under
  at $under /srv/deep
}

open_deep() {
  under=/dev/sda1
  for n in 1 2 3 4 5; do
    cryptsetup open --key-file $PASS $under crypt$n
    vgchange -q -ay vg$n
    under=/dev/vg$n/data
  done
  udevadm settle
  at $under /srv/deep
}

# by_loop: as scripts do it that know no order: again until nothing is open.
by_loop() {
  umount -a -t ext4
  for _ in 1 2 3 4 5 6; do
    vgchange -q -an >/dev/null 2>&1 || true
    for map in $(dmsetup ls --target crypt | grep -v '^No devices' | cut -f1); do cryptsetup close "$map" 2>/dev/null || true; done
    [ "$(dmsetup ls)" != 'No devices found' ] || break
  done
}
