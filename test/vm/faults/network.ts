import type { Fault } from './fault.ts';

/** An LV on nbd, LUKS on iSCSI and an NFS mount, each with a file system that is used; one LUKS device on a disk of the host. */
const FAR = `config 'bounds = 0.2'
patience
give_up 60
without_lvm_units
modprobe nbd
udevadm settle
nbd /dev/nbd0 far
pvcreate -q /dev/nbd0
vgcreate -q far /dev/nbd0
lvcreate -q -y -n lv -L 40M far
ext4 /dev/far/lv /srv/nbd
luks "$(iscsi)" far-secret
ext4 /dev/mapper/far-secret /srv/iscsi
mkdir -p /srv/export /srv/nfs
echo '/srv/export *(rw,no_root_squash,sync,no_subtree_check,fsid=1)' >/etc/exports
systemctl start nfs-server
mount -t nfs4 127.0.0.1:/srv/export /srv/nfs
luks "$disk0" local-secret
ext4 /dev/mapper/local-secret /srv/local
save /srv/local
systemctl enable --now uninitramfs-network
systemctl reload uninitramfs-exitrd`;

/** Each has something to write that can no longer be written. */
const LATE = `systemctl stop nfs-server
for at in nbd iscsi nfs; do head -c 1000000 /dev/urandom >/srv/$at/late & done
sleep 1`;

/** What both have in common. */
const USED = { host: 'more', disks: [64], servers: ['far'], inject: FAR, saved: 2, keys: true } as const;

/** Whoever serves a disk over the network. */
export const NETWORK: readonly Fault[] = [
  {
    what: 'an nbd server (LVM on it) and an iSCSI target (LUKS on it) answer nothing more and stay connected, an NFS server is gone; each has unwritten data, and systemd was told to give up after a minute',
    outcome:
      'systemd waits for each several times over, until it gives up. In the exitrd each is left behind at its bound and named, all else is closed, and the key of what stays open is taken out of memory',
    ...USED,
    outside: async (machine, servers) => {
      servers?.fallSilent();
      await machine.run(LATE);
    },
    bound: 700,
    says: [/still open after/],
  },
  {
    what: 'an nbd server (LVM on it) and an iSCSI target (LUKS on it) are killed, an NFS server is gone; each has unwritten data, and systemd was told to give up after a minute',
    outcome: 'what fails is closed, what waits is left behind at its bound and named, no key is left',
    ...USED,
    outside: async (machine, servers) => {
      servers?.die();
      await machine.run(LATE);
    },
    bound: 330,
    says: [/still open after|everything is closed/],
  },
];
