import type { Fault } from './fault.ts';

/** Targets of device-mapper that have trouble of their own. */
export const VOLUMES: readonly Fault[] = [
  {
    what: 'a thin pool is out of space under a file system that still has much to write, and a dm-cache in writeback mode is dirty',
    outcome: 'what the pool cannot take is an error and no hang; both are closed, and the cache keeps what is dirty on its own disk',
    host: 'rented-server',
    disks: [80, 120],
    inject: `part() { echo "0 $(($3 * 2048)) linear $1 $(($2 * 2048))"; }
dmsetup create meta --table "$(part "$disk0" 0 4)"
dmsetup create room --table "$(part "$disk0" 4 40)"
dd if=/dev/zero of=/dev/mapper/meta bs=4k count=1 status=none
dmsetup create pool --table "0 $((40 * 2048)) thin-pool /dev/mapper/meta /dev/mapper/room 128 0 1 skip_block_zeroing"
dmsetup message pool 0 'create_thin 0'
dmsetup create thin --table "0 $((300 * 2048)) thin /dev/mapper/pool 0"
ext4 /dev/mapper/thin /srv/thin
head -c 1M /dev/urandom >/srv/thin/first
sync -f /srv/thin/first
dmsetup create cmeta --table "$(part "$disk1" 0 4)"
dmsetup create fast --table "$(part "$disk1" 4 20)"
dmsetup create slow --table "$(part "$disk1" 24 90)"
dd if=/dev/zero of=/dev/mapper/cmeta bs=4k count=1 status=none
dmsetup create cached --table "0 $((90 * 2048)) cache /dev/mapper/cmeta /dev/mapper/fast /dev/mapper/slow 128 1 writeback default 0"
ext4 /dev/mapper/cached /srv/cached
n=0
while [ $n -lt 30 ]; do head -c 200k /dev/urandom >/srv/cached/again; sync /srv/cached/again; n=$((n + 1)); done
save /srv/cached
head -c 90M /dev/zero >/srv/thin/more
until dmsetup status pool | grep -q out_of_data_space; do sync -f /srv/thin & sleep 1; done`,
    bound: 240,
    says: [/uninitramfs: everything is closed/],
    unclean: /no file system|could not be opened|open_ubd|dm-|sd[cd]/,
    keys: true,
  },
];
