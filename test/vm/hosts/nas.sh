# nas: btrfs RAID5 on LVM on LUKS, unlocked from a keys partition; a second btrfs over three LUKS devices.
. /lab/hosts/lib.sh

build() {
  disks 3 480
  # With MORE_KEY=/run/NAME.key the passphrase opens nothing but `keys`.
  more=${MORE_KEY:-$PASS}
  [ "$more" = "$PASS" ] || head -c 64 /dev/urandom >"$more"
  for d in sda sdb sdc; do partition /dev/$d 2 16 "${BOOT_MB:-16}" "${SYS_MB:-300}" -; done

  for n in 0 1 2; do
    d=$(echo sda sdb sdc | cut -d' ' -f$((n + 1)))
    if [ $n = 0 ]; then keys=keys key=$PASS; else keys=keys0$n key=$more; fi
    luks /dev/${d}2 $keys "$key"
    mke2fs -q -t ext4 /dev/mapper/$keys
    mke2fs -q -t ext4 /dev/${d}3
    head -c 64 /dev/urandom >/run/s0$n.key
    luks /dev/${d}4 sys0$n /run/s0$n.key
    pvcreate -q /dev/mapper/sys0$n
    vgcreate -q root0${n}vg /dev/mapper/sys0$n
    lvcreate -q -y -n swap -L 16M root0${n}vg
    lvcreate -q -y -n root -l 100%FREE root0${n}vg
    mkswap -q /dev/root0${n}vg/swap
    luks /dev/${d}5 bak0$n "$more"
  done
  udevadm settle
  mkfs.btrfs -q -f -d raid5 -m raid1 -L nas /dev/root00vg/root /dev/root01vg/root /dev/root02vg/root
  mkfs.btrfs -q -f -d raid1 -m raid1 -L backup /dev/mapper/bak00 /dev/mapper/bak01 /dev/mapper/bak02
  udevadm settle
  mkdir -p /run/top
  mount /dev/root00vg/root /run/top
  btrfs -q subvolume create /run/top/@ 
  btrfs -q subvolume create /run/top/@home
  umount /run/top
  at /dev/root00vg/root / subvol=@
  at /dev/root00vg/root /home subvol=@home
  at /dev/sda3 /boot
  at /dev/mapper/keys /root/keys/disk00
  mkdir -p "$T/root/keys/source"
  mount --bind "$T/root/keys/disk00" "$T/root/keys/source"
  cp /run/*.key "$T/root/keys/disk00/"
  chmod 600 "$T"/root/keys/disk00/*.key
  at /dev/mapper/keys01 /root/keys/disk01
  at /dev/mapper/keys02 /root/keys/disk02
  mkdir -p "$T/root/boot"
  at /dev/sdb3 /root/boot/disk01
  at /dev/sdc3 /root/boot/disk02
  at /dev/mapper/bak00 /srv/main_backup
  for n in 0 1 2; do swapon /dev/root0${n}vg/swap; done
  mkdir -p "$T/etc"
  cat >"$T/etc/crypttab" <<'X'
keys  /dev/sda2 none luks,initramfs
sys00 /dev/sda4 /root/keys/source/s00.key luks,initramfs,x-initrd.attach
sys01 /dev/sdb4 /root/keys/source/s01.key luks,initramfs,x-initrd.attach
sys02 /dev/sdc4 /root/keys/source/s02.key luks,initramfs
bak00 /dev/sda5 none luks,noauto
X
  fill "$T/home"
  fill "$T/srv/main_backup"
  fill "$T/boot"
}

reopen() {
  cryptsetup open --key-file $PASS /dev/sda2 keys
  for n in 0 1 2; do
    d=$(echo sda sdb sdc | cut -d' ' -f$((n + 1)))
    cryptsetup open --key-file /run/s0$n.key /dev/${d}4 sys0$n
    cryptsetup open --key-file "${MORE_KEY:-$PASS}" /dev/${d}5 bak0$n
  done
  udevadm settle
  vgchange -q -ay
  clean /dev/mapper/keys /dev/root00vg/root /dev/root01vg/root /dev/root02vg/root /dev/mapper/bak00 /dev/mapper/bak01 /dev/mapper/bak02 /dev/sda3
  at /dev/root00vg/root / subvol=@
  at /dev/root00vg/root /home subvol=@home
  at /dev/sda3 /boot
  at /dev/mapper/bak00 /srv/main_backup
  same
}
