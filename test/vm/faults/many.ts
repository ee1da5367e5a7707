import type { Fault } from './fault.ts';

export const MANY: readonly Fault[] = [
  {
    what: '500 mappings and 1,000 mounts are open when the machine goes down',
    outcome: 'all are closed',
    host: 'rented-server',
    disks: [600],
    inject: `luks "$disk0" data
# Nobody is to look into each.
systemctl stop systemd-udevd systemd-udevd-kernel.socket systemd-udevd-control.socket
dmsetup create many0 --noudevsync --table "0 32768 linear /dev/mapper/data $((500 * 2048))"
n=1
while [ $n -lt 500 ]; do
  dmsetup create "many$n" --noudevsync --table "0 2048 linear /dev/mapper/data $((n * 2048))"
  n=$((n + 1))
done
dmsetup mknodes
systemctl start systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udevd
mke2fs -q -t ext4 /dev/mapper/many0
mkdir -p /srv/many
mount /dev/mapper/many0 /srv/many
save /srv/many
n=0
while [ $n -lt 1000 ]; do
  mkdir -p "/srv/bound/$n"
  mount --bind /srv/many "/srv/bound/$n"
  n=$((n + 1))
done`,
    bound: 500,
    says: [/uninitramfs: everything is closed/],
    keys: true,
  },
];
