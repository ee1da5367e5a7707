# One function a layer: builds it below $T with data in it. Each fits on two disks of 300 MB with two partitions.
. /lab/hosts/lib.sh

ground() {
  disks 2 300
  for d in sda sdb; do partition /dev/$d 140 -; done
}

crypt_types() {
  cryptsetup luksFormat -q --type luks1 --pbkdf-force-iterations 1000 --key-file $PASS /dev/sda1
  cryptsetup open --key-file $PASS /dev/sda1 old_luks
  cryptsetup open -q --type plain --cipher aes-xts-plain64 --key-size 512 --hash sha512 /dev/sda2 plain_crypt <$PASS
  cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --integrity hmac-sha256 --integrity-no-wipe --key-file $PASS /dev/sdb1
  cryptsetup open --key-file $PASS /dev/sdb1 authentic
  for m in old_luks plain_crypt; do mke2fs -q -t ext4 /dev/mapper/$m; at /dev/mapper/$m /srv/$m; fill "$T/srv/$m"; done
}

lvm_kinds() {
  pvcreate -q /dev/sda1 /dev/sda2 /dev/sdb1 /dev/sdb2
  vgcreate -q -s 1M vg-with-dash /dev/sda1 /dev/sda2 /dev/sdb1 /dev/sdb2
  lvcreate -q -y -n lin-ear -L 12M vg-with-dash
  lvcreate -q -y -n striped -i 2 -L 12M vg-with-dash
  lvcreate -q -y --type mirror -m 1 --mirrorlog core -n mirror -L 12M vg-with-dash
  lvcreate -q -y --type raid1 -m 1 -n raid -L 12M vg-with-dash
  lvcreate -q -y --type raid5 -i 2 -n raid5 -L 12M vg-with-dash
  lvcreate -q -y -s -n snap -L 8M vg-with-dash/lin-ear
  lvcreate -q -y --type thin-pool -n pool -L 24M vg-with-dash
  lvcreate -q -y -V 32M -T vg-with-dash/pool -n thin1
  lvcreate -q -y -s vg-with-dash/thin1 -n thin2 -kn
  lvchange -q -ay vg-with-dash/thin2
  for lv in striped mirror raid raid5 thin1; do
    mke2fs -q -t ext4 /dev/vg-with-dash/$lv
    at /dev/vg-with-dash/$lv /srv/$lv
    fill "$T/srv/$lv"
  done
  mke2fs -q -t ext4 /dev/vg-with-dash/snap
  at /dev/vg-with-dash/snap /srv/snap
}

lvm_caches() {
  pvcreate -q /dev/sda1 /dev/sdb1
  vgcreate -q cached /dev/sda1 /dev/sdb1
  lvcreate -q -y -n slow -L 64M cached /dev/sda1
  lvcreate -q -y --type cache-pool -n fast -L 32M cached /dev/sdb1
  lvconvert -q -y --type cache --cachemode writeback --cachepool cached/fast cached/slow
  lvcreate -q -y -n slow2 -L 48M cached /dev/sda1
  lvcreate -q -y -an -n wfast -L 32M cached /dev/sdb1
  lvconvert -q -y --type writecache --cachevol wfast cached/slow2
  for lv in slow slow2; do
    mke2fs -q -t ext4 /dev/cached/$lv
    at /dev/cached/$lv /srv/$lv
    fill "$T/srv/$lv"
  done
  sync
}

bcaches() {
  modprobe bcache
  make-bcache --bucket 64k -B /dev/sda1 -C /dev/sdb2 --writeback >/dev/null
  udevadm settle
  while [ ! -b /dev/bcache0 ]; do sleep 0.1; done
  mke2fs -q -t ext4 /dev/bcache0
  at /dev/bcache0 /srv/bcache
  fill "$T/srv/bcache"
}

md_kinds() {
  for m in linear raid0 raid1 raid10 raid456; do modprobe $m 2>/dev/null || true; done
  modprobe dm-raid
  array /dev/md/zero --level=0 --raid-devices=2 /dev/sda1 /dev/sdb1
  array /dev/md/one --level=1 --raid-devices=2 --bitmap=internal /dev/sda2 /dev/sdb2
  sfdisk -q --label gpt /dev/md/one <<X
,20M
,
X
  udevadm settle
  one=$(readlink -f /dev/md/one)
  mke2fs -q -t ext4 ${one}p1
  mkswap -q ${one}p2
  at ${one}p1 /srv/one
  swapon ${one}p2
  mkfs.xfs -q -f /dev/md/zero 2>/dev/null || mke2fs -q -t ext4 /dev/md/zero
  at /dev/md/zero /srv/zero
  fill "$T/srv/zero"
}

md_container() {
  modprobe raid1
  # DDF keeps its anchor at the end of a whole disk.
  for d in /dev/sda /dev/sdb; do
    wipefs -qa $d
    blockdev --rereadpt $d
  done
  udevadm settle
  mdadm --create /dev/md/box --run --quiet --metadata=ddf --raid-devices=2 /dev/sda /dev/sdb
  mdadm --create /dev/md/inner --run --quiet --level=1 --raid-devices=2 /dev/md/box
  udevadm settle
  mke2fs -q -t ext4 /dev/md/inner
  at /dev/md/inner /srv/inner
  fill "$T/srv/inner"
}

dm_plain() {
  size=$(blockdev --getsz /dev/sda1)
  echo "0 $size linear /dev/sda1 0" | dmsetup create below
  echo "0 $size linear /dev/mapper/below 0" | dmsetup create -- -odd
  modprobe dm-multipath
  modprobe dm-round-robin
  echo "0 $size multipath 2 queue_mode bio 0 1 1 round-robin 0 1 1 /dev/sdb1 1000" | dmsetup create mpathz --uuid mpath-3600lab
  mke2fs -q -t ext4 /dev/mapper/-odd
  at /dev/mapper/-odd /srv/odd
  mke2fs -q -t ext4 /dev/mapper/mpathz
  at /dev/mapper/mpathz /srv/mpath
}

# An image with its hashes, both files on sums of their own; that one has the name that a part of a LUKS device would have.
verity_integrity() {
  modprobe dm-verity
  integritysetup format -q --integrity crc32c /dev/sdb1
  integritysetup open --integrity crc32c /dev/sdb1 sums_dif
  mke2fs -q -t ext4 /dev/mapper/sums_dif
  at /dev/mapper/sums_dif /srv/sums
  truncate -s 16M "$T/srv/sums/image"
  # A verity device has sectors of 4 KiB.
  mke2fs -q -F -t ext4 -b 4096 "$T/srv/sums/image"
  at "$T/srv/sums/image" /srv/image
  fill "$T/srv/image"
  umount "$T/srv/image"
  veritysetup format "$T/srv/sums/image" "$T/srv/sums/hashes" | sed -n 's/^Root hash:[[:space:]]*//p' >/run/root-hash
  veritysetup open "$T/srv/sums/image" image "$T/srv/sums/hashes" "$(cat /run/root-hash)"
  at /dev/mapper/image /srv/image ro
  same
}

# As docker's devicemapper driver left it: a thin pool on two loop files, one of its thin devices mounted.
docker_pool() {
  modprobe dm-thin-pool
  mke2fs -q -t ext4 /dev/sda1
  at /dev/sda1 /var/lib/docker
  for part in data:64M metadata:8M; do truncate -s ${part#*:} "$T/var/lib/docker/${part%:*}"; done
  data=$(losetup --show -f "$T/var/lib/docker/data")
  metadata=$(losetup --show -f "$T/var/lib/docker/metadata")
  thin_pool
  dmsetup message docker-8:1-12-pool 0 'create_thin 1'
  dmsetup message docker-8:1-12-pool 0 'create_thin 2'
  thin_devices
  mke2fs -q -t ext4 /dev/mapper/docker-8:1-12-6f0b
  at /dev/mapper/docker-8:1-12-6f0b /var/lib/docker/mnt
  fill "$T/var/lib/docker/mnt"
}
thin_pool() { dmsetup create docker-8:1-12-pool --table "0 131072 thin-pool $metadata $data 128 32768 1 skip_block_zeroing"; }
thin_devices() {
  dmsetup create docker-8:1-12-base --table '0 32768 thin /dev/mapper/docker-8:1-12-pool 1'
  dmsetup create docker-8:1-12-6f0b --table '0 32768 thin /dev/mapper/docker-8:1-12-pool 2'
}

# Two maps that queue without a path: on one the last path is gone before what was written is on the disk.
pathless() {
  modprobe dm-multipath
  modprobe dm-round-robin
  size=$(blockdev --getsz /dev/sda1)
  for map in gone:sda1 alive:sdb1; do
    disk=/dev/${map#*:} map=${map%:*}
    echo "0 $size multipath 3 queue_if_no_path queue_mode bio 0 1 1 round-robin 0 1 1 $disk 1000" | dmsetup create $map --uuid mpath-3600$map
    mke2fs -q -t ext4 /dev/mapper/$map
    at /dev/mapper/$map /srv/$map
    fill "$T/srv/$map"
    sync
  done
  echo late >"$T/srv/gone/late"
  echo late >"$T/srv/alive/late"
  dmsetup message gone 0 fail_path "$(lsblk -dno MAJ:MIN /dev/sda1 | tr -d ' ')"
}

loops() {
  mke2fs -q -t ext4 /dev/sda1
  at /dev/sda1 /srv/outer
  truncate -s 100M "$T/srv/outer/middle.img"
  middle=$(losetup --show -f "$T/srv/outer/middle.img")
  mke2fs -q -t ext4 $middle
  at $middle /srv/middle
  truncate -s 60M "$T/srv/middle/inner.img"
  inner=$(losetup --show -f "$T/srv/middle/inner.img")
  luks $inner inner_crypt
  mke2fs -q -t ext4 /dev/mapper/inner_crypt
  at /dev/mapper/inner_crypt /srv/inner
  dd if=/dev/zero of="$T/srv/inner/swap" bs=1M count=8 status=none
  chmod 600 "$T/srv/inner/swap"
  mkswap -q "$T/srv/inner/swap"
  swapon "$T/srv/inner/swap"
  fill "$T/srv/inner"
}

luks_lvm_luks() {
  luks /dev/sda2 lower
  pvcreate -q /dev/mapper/lower
  vgcreate -q between /dev/mapper/lower
  lvcreate -q -y -n lv -l 100%FREE between
  luks /dev/between/lv upper
  mke2fs -q -t ext4 /dev/mapper/upper
  at /dev/mapper/upper /srv/upper
  fill "$T/srv/upper"
}

mount_kinds() {
  modprobe fuse
  modprobe squashfs
  for p in sda1 sda2 sdb1; do mke2fs -q -t ext4 /dev/$p; done
  at /dev/sda1 /srv/a
  at /dev/sda2 /srv/a/nested
  mkdir -p "$T/srv/a/nested/tmp" "$T/srv/bound"
  mount -t tmpfs tmpfs "$T/srv/a/nested/tmp"
  mount --bind "$T/srv/a/nested" "$T/srv/bound"
  at /dev/sdb1 /srv/a
  mkdir -p "$T/srv/a/u" "$T/srv/a/w" "$T/srv/over"
  mount -t overlay -o "lowerdir=/usr/share,upperdir=$T/srv/a/u,workdir=$T/srv/a/w" overlay "$T/srv/over"
  mkdir -p /run/sq "$T/srv/fuse"
  echo hello >/run/sq/file
  mksquashfs /run/sq "$T/srv/a/sq.img" -quiet -no-progress >/dev/null
  squashfuse "$T/srv/a/sq.img" "$T/srv/fuse"
}

odd_names() {
  luks /dev/sda1 "it's my disk"
  mke2fs -q -t ext4 "/dev/mapper/it's\\x20my\\x20disk" 2>/dev/null || mke2fs -q -t ext4 "$(ls -d /dev/mapper/it*)"
  at "$(ls -d /dev/mapper/it*)" "/srv/a \"quoted\" 'name'"
  luks /dev/sda2 second
  mke2fs -q -t ext4 /dev/mapper/second
  at /dev/mapper/second "/srv/\$(touch /run/pwned)\\040é
newline"
  luks /dev/sdb1 third
  mke2fs -q -t ext4 /dev/mapper/third
  at /dev/mapper/third "/srv/-x; rm -rf nothing"
}

again_crypt_types() {
  cryptsetup open --key-file $PASS /dev/sda1 old_luks
  cryptsetup open -q --type plain --cipher aes-xts-plain64 --key-size 512 --hash sha512 /dev/sda2 plain_crypt <$PASS
  cryptsetup open --key-file $PASS /dev/sdb1 authentic
  clean /dev/mapper/old_luks /dev/mapper/plain_crypt
  for m in old_luks plain_crypt; do at /dev/mapper/$m /srv/$m; done
  same
}

again_lvm_kinds() {
  vgchange -q -ay vg-with-dash
  for lv in striped mirror raid raid5 thin1; do clean /dev/vg-with-dash/$lv; at /dev/vg-with-dash/$lv /srv/$lv; done
  same
}

again_lvm_caches() {
  vgchange -q -ay cached
  [ "$(lvs --noheadings -o cache_dirty_blocks cached/slow | tr -d ' ')" = 0 ]
  [ "$(lvs --noheadings -o writecache_writeback_blocks cached/slow2 | tr -d ' ')" = 0 ]
  for lv in slow slow2; do clean /dev/cached/$lv; at /dev/cached/$lv /srv/$lv; done
  same
}

again_bcaches() {
  for d in sda1 sdb2; do [ -e /sys/class/block/$d/bcache ] || echo /dev/$d >/sys/fs/bcache/register; done
  while [ ! -b /dev/bcache0 ]; do sleep 0.1; done
  clean /dev/bcache0
  at /dev/bcache0 /srv/bcache
  same
}

again_md_kinds() {
  array_clean /dev/sda1 /dev/sdb1
  array_clean /dev/sda2 /dev/sdb2
  mdadm --assemble -q /dev/md/zero /dev/sda1 /dev/sdb1
  udevadm settle
  at /dev/md/zero /srv/zero
  same
}

again_md_container() {
  for d in /dev/sda /dev/sdb; do mdadm --examine $d | grep -q 'state\[0\] : Optimal, Consistent'; done
  # One by one as udev does it: mdadm 4.4 --assemble crashes on a DDF container.
  for d in /dev/sda /dev/sdb; do mdadm --incremental -q $d; done
  udevadm settle
  if grep -q resync /proc/mdstat; then return 1; fi
  clean /dev/md/inner
  at /dev/md/inner /srv/inner ro
  same
}

again_loops() {
  at /dev/sda1 /srv/outer
  middle=$(losetup --show -f "$T/srv/outer/middle.img")
  clean $middle
  at $middle /srv/middle
  inner=$(losetup --show -f "$T/srv/middle/inner.img")
  cryptsetup open --key-file $PASS $inner inner_crypt
  clean /dev/mapper/inner_crypt
  at /dev/mapper/inner_crypt /srv/inner
  same
}

again_luks_lvm_luks() {
  cryptsetup open --key-file $PASS /dev/sda2 lower
  udevadm settle
  vgchange -q -ay between
  cryptsetup open --key-file $PASS /dev/between/lv upper
  clean /dev/mapper/upper
  at /dev/mapper/upper /srv/upper
  same
}

again_mount_kinds() { clean /dev/sda1 /dev/sda2 /dev/sdb1; }
again_verity_integrity() {
  integritysetup open --integrity crc32c /dev/sdb1 sums_dif
  clean /dev/mapper/sums_dif
  at /dev/mapper/sums_dif /srv/sums
  veritysetup verify "$T/srv/sums/image" "$T/srv/sums/hashes" "$(cat /run/root-hash)"
  veritysetup open "$T/srv/sums/image" image "$T/srv/sums/hashes" "$(cat /run/root-hash)"
  at /dev/mapper/image /srv/image ro
  same
}
again_docker_pool() {
  clean /dev/sda1
  at /dev/sda1 /var/lib/docker
  thin_check "$T/var/lib/docker/metadata"
  data=$(losetup --show -f "$T/var/lib/docker/data")
  metadata=$(losetup --show -f "$T/var/lib/docker/metadata")
  thin_pool
  thin_devices
  clean /dev/mapper/docker-8:1-12-6f0b
  at /dev/mapper/docker-8:1-12-6f0b /var/lib/docker/mnt
  same
}
again_pathless() {
  clean /dev/sdb1
  at /dev/sdb1 /srv/alive
  [ "$(cat "$T/srv/alive/late")" = late ]
  # Its journal is replayed: nothing could close it.
  at /dev/sda1 /srv/gone
  same
}
again_dm_plain() { clean /dev/sda1 /dev/sdb1; }
again_odd_names() {
  [ ! -e /run/pwned ]
  cryptsetup open --key-file $PASS /dev/sda2 second
  clean /dev/mapper/second
}

many_luks() {
  disks 2 300
  for d in sda sdb; do
    i=0
    while [ $i -lt 32 ]; do i=$((i + 1)); echo ',8M'; done | sfdisk -q --label gpt /dev/$d
  done
  udevadm settle
  # One header for all: making 64 takes minutes in a guest.
  cryptsetup luksFormat -q --type luks2 --luks2-metadata-size 16k --luks2-keyslots-size 256k --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file $PASS /dev/sda1
  dd if=/dev/sda1 of=/run/header bs=1M count=2 status=none
  for d in sda sdb; do
    i=0
    while [ $i -lt 32 ]; do
      i=$((i + 1))
      dd if=/run/header of=/dev/$d$i bs=1M conv=notrunc status=none
      cryptsetup open --disable-keyring --key-file $PASS /dev/$d$i luks_$d$i
    done
  done
}
