# impermanence: / is a tmpfs, and one btrfs on LUKS carries everything that stays.
. /lab/hosts/lib.sh

build() {
  disks 1 500
  partition /dev/sda "${BOOT_MB:-32}" -
  mkfs.vfat /dev/sda1 >/dev/null
  luks /dev/sda2 persist
  mkfs.btrfs -q -f -L persist /dev/mapper/persist
  udevadm settle
  mkdir -p /run/top
  mount /dev/mapper/persist /run/top
  for sub in nix persist home log; do btrfs -q subvolume create /run/top/$sub; done
  umount /run/top
  mount_all
  for path in /nix /persist /home /var/log; do fill "$T$path"; done
}

mount_all() {
  mkdir -p "$T"
  mount -t tmpfs -o size=50% root "$T"
  at /dev/sda1 /boot
  for sub in nix persist home; do at /dev/mapper/persist /$sub subvol=$sub; done
  at /dev/mapper/persist /var/log subvol=log
}

reopen() {
  cryptsetup open --key-file $PASS /dev/sda2 persist
  clean /dev/mapper/persist
  mount_all
  same
}
