import type { Fault } from './fault.ts';

/** Who does not go when told to. */
export const PROCESSES: readonly Fault[] = [
  {
    what: 'a process that no kill of systemd reaches has files open on the root and on a data disk, another one lives in a mount namespace of its own',
    outcome: 'the console names them, they are ended when nothing else is left to try, and everything is closed',
    always: true,
    host: 'rented-server',
    disks: [64],
    inject: `luks "$disk0" data
ext4 /dev/mapper/data /srv/data
save /srv/data
stay holds sh -c 'cd /srv/data; exec 3>>/root/unsynced 4>>unsynced; while :; do echo late >&4; sleep 0.2; done'
stay hidden unshare --mount --propagation private sh -c 'cd /srv/data; while :; do sleep 1; done'
sleep 1`,
    bound: 120,
    says: [/in use by .*sh \(pid \d+\)/, /ending sh \(pid \d+\), which survived the kill/, /uninitramfs: everything is closed/],
    saved: 2,
    keys: true,
  },
  {
    what: 'a process of the root waits for a device that never answers, and no signal reaches it',
    outcome: 'the root is made read-only, so that it is clean, and stays open; its key is taken out of memory',
    host: 'rented-server',
    inject: `mkdir -p /etc/lvm
echo 'devices { global_filter = [ "r|hang|", "r|/dev/loop|" ] }' >/etc/lvm/lvmlocal.conf
without_lvm_units
truncate -s 8M /run/image
never "$(losetup -f --show /run/image)" hang 0 16384
stay stuck dd if=/dev/mapper/hang of=/dev/null bs=4k count=1 iflag=direct
until grep -q '^State:.D' /proc/$(systemctl show -p MainPID --value stuck)/status; do sleep 0.2; done`,
    bound: 240,
    says: [/oldroot is (read-only now.*)?in use by .*dd \(pid \d+\)/, /still open after/, /cryptroot stays open, and its key is gone from memory/],
    keys: true,
  },
];
