import type { Fault } from './fault.ts';

/** What lies below fails, or answers no more. */
export const DISKS: readonly Fault[] = [
  {
    what: 'a device answers no more (a mapping suspended for ever) below LUKS and a mounted file system with unwritten data; a watchdog of ten seconds is armed',
    outcome: 'whoever suspended it is gone: it is resumed, what waited is written, everything is closed. The watchdog never fires',
    always: true,
    host: 'rented-server',
    disks: [64],
    inject: `modprobe softdog
watchdog
without_lvm_units
dmsetup create below --table "0 $(blockdev --getsz "$disk0") linear $disk0 0"
luks /dev/mapper/below data
ext4 /dev/mapper/data /srv/data
save /srv/data
stay writes sh -c 'exec >>/srv/data/late; while :; do echo late; sync /srv/data/late; sleep 0.1; done'
sleep 1
dmsetup suspend --noflush --nolockfs below`,
    bound: 240,
    says: [/resume below, which somebody left suspended/, /uninitramfs: everything is closed/],
    saved: 2,
    keys: true,
  },
  {
    what: 'a disk is pulled from under LUKS and a file system in use, another one begins to fail every call, a third file system was made read-only because of errors',
    outcome: 'all three are closed; what was synced before is on the disks',
    always: true,
    host: 'rented-server',
    disks: [64, 64, 64],
    inject: `luks "$disk0" data
ext4 /dev/mapper/data /srv/pulled
save /srv/pulled
dmsetup create fails --table "0 $(blockdev --getsz "$disk1") linear $disk1 0"
ext4 /dev/mapper/fails /srv/fails
save /srv/fails
mke2fs -q -t ext4 -e remount-ro "$disk2"
mkdir /srv/errors
mount "$disk2" /srv/errors
save /srv/errors
echo 1 >/sys/block/\${disk0##*/}/device/delete
dmsetup suspend --noflush --nolockfs fails
dmsetup load fails --table "0 $(blockdev --getsz "$disk1") error"
dmsetup resume fails
echo made up >/sys/fs/ext4/\${disk2##*/}/trigger_fs_error`,
    bound: 120,
    says: [/uninitramfs: everything is closed/],
    unclean: /\/dev\/(sd[def]|mapper\/open_\w+|dm-\d) /,
    saved: 4,
    keys: true,
  },
  {
    what: 'three file systems lie on devices that answer nothing more, and never will, with LUKS below one of them; systemd was told to give up after a minute',
    outcome:
      'systemd waits for each of them several times over, then the exitrd does, with less patience after each: the root is read-only and clean, its key is gone from memory. The key above the dead device stays, and the console says so',
    host: 'rented-server',
    disks: [200],
    inject: `patience
give_up 60
without_lvm_units
n=0
while [ $n -lt 3 ]; do
  dmsetup create "dead$n" --table "0 40960 linear $disk0 $((n * 40960))"
  n=$((n + 1))
done
luks /dev/mapper/dead0 data
for n in 0 1 2; do
  at=/dev/mapper/dead$n
  [ $n != 0 ] || at=/dev/mapper/data
  ext4 $at /srv/dead$n
  save /srv/dead$n
  echo late >/srv/dead$n/late
done
for n in 0 1 2; do never "$disk0" dead$n $((n * 40960)) 40960; done`,
    bound: 500,
    says: [/still open after/, /cryptroot stays open, and its key is gone from memory/, /data stays open with its key in memory/],
    unclean: /open_ubd|sdc/,
    saved: 2,
  },
  {
    what: 'the disks below the root are no longer whole: one of a RAID0 is pulled, and nothing of the root can be read any more',
    outcome: 'nobody gets as far as an exitrd: systemd (257) itself crashes and the kernel panics, with the keys in memory. What was synced is on the disks',
    host: 'rented-server',
    inject: `sleep 1
echo 1 >/sys/block/sdb/device/delete`,
    bound: 120,
    reason: 'guest-panic',
    says: [/Attempted to kill init/],
    unclean: /./,
  },
];

export const ARRAYS: readonly Fault[] = [
  {
    what: 'a member of a RAID6 below the root was pulled, its replacement is being filled, and a further member dies while the exitrd works',
    outcome: 'the array is stopped with two members left, everything is closed',
    always: true,
    host: 'arbitrary1',
    disks: [470],
    inject: `config 'exitrd_before = ["/usr/local/sbin/pull"]'
printf '#!/bin/sh\\necho 1 >/sys/block/sdc/device/delete\\n' >/usr/local/sbin/pull
chmod 755 /usr/local/sbin/pull
uninitramfs exitrd install
array=$(basename /sys/block/md*)
echo 1 >/sys/block/sdb/device/delete
sync
until mdadm --detail /dev/$array | grep -q 'degraded'; do sleep 0.2; done
echo 2000 >/proc/sys/dev/raid/speed_limit_max
mdadm --quiet /dev/$array --add "$disk0"
until grep -q recovery /proc/mdstat; do sleep 0.2; done`,
    bound: 150,
    says: [/uninitramfs: everything is closed/],
    unclean: /is not clean|events differ|could not be opened/,
    keys: true,
  },
  {
    what: 'a disk of three is pulled from under a btrfs with RAID5, with the swap and key devices that it carried',
    outcome: 'the others hold the root; everything is closed',
    host: 'nas',
    inject: 'echo 1 >/sys/block/sdb/device/delete',
    bound: 240,
    says: [/uninitramfs: everything is closed/],
    unclean: /./,
    keys: true,
    // Each of its members shows it.
    saved: 3,
  },
];
