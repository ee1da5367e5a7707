import type { Fault } from './fault.ts';

/** Who does not go when told to. */
export const PROCESSES: readonly Fault[] = [
  {
    what: 'a process that no kill of systemd reaches has files open on the root and on a data disk, another one lives in a mount namespace of its own',
    outcome: 'what is mounted is made read-only first, they are ended, everything is closed',
    always: true,
    host: 'rented-server',
    disks: [64],
    inject: `luks "$disk0" data
ext4 /dev/mapper/data /srv/data
save /srv/data
stay holds sh -c 'cd /srv/data; exec 3>>/root/unsynced 4>>unsynced; while :; do echo late >&4; sleep 0.2; done'
stay hidden unshare --mount --propagation private sh -c 'cd /srv/data; while :; do sleep 1; done'
sleep 1`,
    bound: 60,
    says: [/in use by .*sh \(pid \d+\)/, /ending sh \(pid \d+\), which survived the kill/, /uninitramfs: everything is closed/],
    saved: 2,
    keys: true,
  },
];
