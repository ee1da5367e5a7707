# zfs-mirror: the reference host itself, on $DISK1 and $DISK2. Built within a booted host, for User Mode Linux has no ZFS.
. /lab/hosts/lib.sh

build() {
  n=0
  for disk in "$DISK1" "$DISK2"; do
    printf '%s\n' "size=${BOOT_MB:-20}M, name=boot$n" "size=1M, type=21686148-6449-6E6F-744E-656564454649" "size=8M, name=key$n" "name=rpool$n" | sfdisk -q --label gpt "$disk"
    n=$((n + 1))
  done
  udevadm settle
  parts=/dev/disk/by-partlabel
  array /dev/md0 --level=1 --raid-devices=2 $parts/boot0 $parts/boot1
  array /dev/md1 --level=1 --raid-devices=2 $parts/key0 $parts/key1
  mke2fs -q -t ext2 /dev/md0
  luks /dev/md1 keyfile
  head -c 4096 /dev/urandom >/run/raw.key
  dd if=/run/raw.key of=/dev/mapper/keyfile bs=4096 conv=fsync status=none
  luks $parts/rpool0 rpool-crypt0 /run/raw.key
  luks $parts/rpool1 rpool-crypt1 /run/raw.key
  modprobe zfs
  zpool create -f -R "$T" -O mountpoint=none -O compression=lz4 -o cachefile=none rpool mirror /dev/mapper/rpool-crypt0 /dev/mapper/rpool-crypt1
  zfs create -o mountpoint=none rpool/ROOT
  zfs create -o canmount=noauto -o mountpoint=/ rpool/ROOT/debian
  zfs mount rpool/ROOT/debian
  zfs create -o mountpoint=/home rpool/home
  head -c 32 /dev/urandom >"/run/vault.key"
  zfs create -o encryption=on -o keyformat=raw -o keylocation=file:///run/vault.key -o canmount=noauto -o mountpoint=/srv/vault rpool/vault
  zfs create -s -b 4096 -V 64M rpool/swap
  udevadm settle
  mkswap -q /dev/zvol/rpool/swap
  at /dev/md0 /boot
}

shut_host() {
  mkdir -p "$T/root"
  cp /run/vault.key "$T/root/vault.key"
  umount "$T/boot"
  # From where it lies on the host.
  zfs set keylocation=file:///root/vault.key rpool/vault
  zpool export rpool
  for map in rpool-crypt0 rpool-crypt1 keyfile; do cryptsetup close $map; done
  mdadm --stop --scan -q
}
