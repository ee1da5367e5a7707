import type { Suite } from './boot-tree.ts';

/** A reference host that boots: what its recipe in test/vm/hosts does not say. {uuid DEVICE} stands for UUID=… */
export interface BootedHost {
  readonly suite: Suite;
  readonly recipe: string;
  /** Megabytes of each disk: sda, sdb, … */
  readonly disks: readonly number[];
  /** Variables of the recipe. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** The kernel's root=. */
  readonly root: string;
  readonly kernelArgs?: string;
  readonly fstab: string;
  readonly crypttab: string;
  /** It has a network, on which the machine that runs the tests is 10.0.2.2. */
  readonly network?: boolean;
  /** The booted host that builds it, and whose root it gets a copy of, where User Mode Linux cannot. */
  readonly within?: string;
  /** The folder of the target that the Debian tree goes to, when that is not its root. */
  readonly into?: string;
  /** What is done to the target when the recipe has built it and the tree is there. */
  readonly after?: string;
  /** Further files of the host; one that starts with #! can be run. */
  readonly files?: Readonly<Record<string, string>>;
}

const RENTED_SERVER: BootedHost = {
  suite: 'trixie',
  recipe: 'rented-server',
  disks: [640, 640],
  settings: { BOOT_MB: 96, SWAP_MB: 64 },
  root: '/dev/mapper/vg0-root',
  fstab: `/dev/mapper/vg0-root / ext4 errors=remount-ro 0 1
/dev/md0 /boot ext3 defaults 0 2
/dev/mapper/vg0-swap none swap sw 0 0`,
  crypttab: 'cryptroot /dev/md1 none luks,initramfs',
};

/** The key is a whole device. */
const RAW_KEY = '#!/bin/sh\nhead -c 4096 "$1"\n';

const VOLUMES = { XFS: '/srv/xfs', EXT4: '/', EXT4_MB: 640, JFS: '/srv/jfs' };
const VOLUMES_FSTAB = `/dev/mapper/data-ext4 / ext4 errors=remount-ro 0 1
/dev/mapper/data-xfs /srv/xfs xfs defaults 0 0
/dev/mapper/data-jfs /srv/jfs jfs defaults 0 2`;

/** Opens a system's LUKS with a key file of the `keys` file system, as long as the root is not there: keyscript= of crypttab(5). */
const KEY_FROM_KEYS = `#!/bin/sh
mkdir -p /root/keys/source
mount -t ext4 -o ro /dev/mapper/keys /root/keys/source >&2
cat "$1"
umount /root/keys/source >&2
`;

/**
 * Members of one btrfs that appear at the same moment may all find it incomplete, and the last one's word to the others comes while udev still works on
 * them: then nobody looks again, and a boot waits for ever (udev: 64-btrfs.rules). Stock or not, so the lab looks again.
 */
const BTRFS_READY = `[Unit]
DefaultDependencies=no
After=cryptsetup.target
Before=local-fs.target
[Service]
Type=oneshot
ExecStart=udevadm settle --timeout=60
ExecStart=udevadm trigger --subsystem-match=block --property-match=ID_BTRFS_READY=0
`;

/** As networkd or ifupdown would, with a network that really goes at shutdown. */
const NETWORK = `[Unit]
Before=network.target
Wants=network.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=sh -c 'cd /sys/class/net; for card in e*; do [ ! -e "$card" ] || { ip addr add 10.0.2.15/24 dev "$card"; ip link set "$card" up; }; done'
ExecStop=sh -c 'cd /sys/class/net; for card in e*; do [ ! -e "$card" ] || ip link set "$card" down; done'
`;

/** A boot=NAME script of initramfs-tools(7): its mountroot makes the root. */
const TMPFS_ROOT = `mountroot() {
  local_top
  while [ ! -b /dev/mapper/persist ]; do local_block /dev/mapper/persist; sleep 0.2; done
  mount -t tmpfs -o size=50%,mode=755 root "$rootmnt"
  cd "$rootmnt" || panic 'no root'
  mkdir -p nix persist home var/log usr boot proc sys dev run tmp mnt
  chmod 1777 tmp
  for sub in nix persist home; do mount -t btrfs -o "subvol=$sub" /dev/mapper/persist $sub; done
  mount -t btrfs -o subvol=log /dev/mapper/persist var/log
  mount -o bind nix/usr usr
  for link in bin sbin lib lib64; do ln -s usr/$link $link; done
  cp -a nix/etc nix/root nix/srv .
  for folder in nix/var/*; do [ "$folder" = nix/var/log ] || cp -a "$folder" var/; done
  cd /
}
`;

export const BOOTED_HOSTS = {
  plain: {
    suite: 'trixie',
    recipe: 'plain',
    disks: [640],
    settings: {},
    root: '/dev/sda1',
    fstab: '/dev/sda1 / ext4 errors=remount-ro 0 1',
    crypttab: '# none',
  },
  /** Has the tools of all that the others have not. All disks but the first are empty. */
  more: {
    suite: 'trixie-more',
    recipe: 'plain',
    disks: [1400, 300, 300, 300],
    settings: {},
    after: 'e2label /dev/sda1 root',
    root: 'LABEL=root',
    network: true,
    fstab: 'LABEL=root / ext4 errors=remount-ro 0 1',
    crypttab: '# none',
    files: {
      'etc/systemd/system/lab-network.service': NETWORK,
      'etc/systemd/system/multi-user.target.d/lab.conf': '[Unit]\nWants=lab-network.service\n',
    },
  },
  'rented-server': RENTED_SERVER,
  'rented-server-bookworm': { ...RENTED_SERVER, suite: 'bookworm' },
  nas: {
    suite: 'trixie',
    recipe: 'nas',
    disks: [850, 850, 850],
    settings: { BOOT_MB: 80, SYS_MB: 560, MORE_KEY: '/run/more.key' },
    root: '/dev/mapper/root00vg-root',
    kernelArgs: 'rootfstype=btrfs rootflags=subvol=@',
    // The backup by its label: udev calls only the last member that appears ready for certain, and whoever waits for one by name may wait for ever
    // (udev: 64-btrfs.rules).
    fstab: `/dev/mapper/root00vg-root / btrfs subvol=@ 0 0
/dev/mapper/root00vg-root /home btrfs subvol=@home 0 0
{uuid /dev/sda3} /boot ext4 defaults 0 2
/dev/mapper/keys /root/keys/disk00 ext4 defaults 0 2
/dev/mapper/keys01 /root/keys/disk01 ext4 defaults 0 2
/dev/mapper/keys02 /root/keys/disk02 ext4 defaults 0 2
{uuid /dev/sdb3} /root/boot/disk01 ext4 defaults 0 2
{uuid /dev/sdc3} /root/boot/disk02 ext4 defaults 0 2
LABEL=backup /srv/main_backup btrfs defaults 0 0
/dev/mapper/root00vg-swap none swap sw 0 0
/dev/mapper/root01vg-swap none swap sw 0 0
/dev/mapper/root02vg-swap none swap sw 0 0`,
    crypttab: `keys {uuid /dev/sda2} none luks,initramfs
sys00 {uuid /dev/sda4} /root/keys/source/s00.key luks,initramfs,keyscript=/usr/local/sbin/key-from-keys
sys01 {uuid /dev/sdb4} /root/keys/source/s01.key luks,initramfs,keyscript=/usr/local/sbin/key-from-keys
sys02 {uuid /dev/sdc4} /root/keys/source/s02.key luks,initramfs,keyscript=/usr/local/sbin/key-from-keys
keys01 {uuid /dev/sdb2} /root/keys/disk00/more.key luks
keys02 {uuid /dev/sdc2} /root/keys/disk00/more.key luks
bak00 {uuid /dev/sda5} /root/keys/disk00/more.key luks
bak01 {uuid /dev/sdb5} /root/keys/disk00/more.key luks
bak02 {uuid /dev/sdc5} /root/keys/disk00/more.key luks`,
    files: {
      'usr/local/sbin/key-from-keys': KEY_FROM_KEYS,
      'etc/systemd/system/btrfs-ready.service': BTRFS_READY,
      'etc/systemd/system/local-fs.target.d/lab.conf': '[Unit]\nWants=btrfs-ready.service\n',
    },
    after: 'umount "$T/root/keys/source"',
  },
  // For systemd a mapping without a file system or the like is not there (systemd: rules.d/99-systemd.rules), and what has it for a key would be waited
  // for: so all is opened in the initramfs, and systemd does not look at crypttab.
  'keyfile-mirror': {
    suite: 'trixie',
    recipe: 'keyfile-mirror',
    disks: [900, 900],
    settings: { BOOT_MB: 80, ROOT_MB: 760 },
    root: 'LABEL=rpool',
    kernelArgs: 'rootfstype=btrfs luks.crypttab=no',
    fstab: `LABEL=rpool / btrfs defaults 0 0
/dev/md0 /boot ext2 defaults 0 2
LABEL=data /srv/data ext4 defaults 0 2`,
    crypttab: `keyfile /dev/md1 none luks,initramfs
rpool-crypt0 {uuid /dev/sda3} /dev/mapper/keyfile luks,initramfs,keyscript=/usr/local/sbin/raw-key
rpool-crypt1 {uuid /dev/sdb3} /dev/mapper/keyfile luks,initramfs,keyscript=/usr/local/sbin/raw-key
data {uuid /dev/sda4} /dev/mapper/keyfile luks,initramfs,keyscript=/usr/local/sbin/raw-key`,
    files: { 'usr/local/sbin/raw-key': RAW_KEY },
  },
  'zfs-mirror': {
    suite: 'trixie-more',
    within: 'more',
    recipe: 'zfs-mirror',
    disks: [1000, 1000],
    settings: { BOOT_MB: 80 },
    root: 'ZFS=rpool/ROOT/debian',
    kernelArgs: 'luks.crypttab=no',
    fstab: `/dev/md0 /boot ext2 defaults 0 2
/dev/zvol/rpool/swap none swap defaults 0 0`,
    crypttab: `keyfile /dev/md1 none luks,initramfs
rpool-crypt0 {uuid /dev/disk/by-partlabel/rpool0} /dev/mapper/keyfile luks,initramfs,keyscript=/usr/local/sbin/raw-key
rpool-crypt1 {uuid /dev/disk/by-partlabel/rpool1} /dev/mapper/keyfile luks,initramfs,keyscript=/usr/local/sbin/raw-key`,
    files: { 'usr/local/sbin/raw-key': RAW_KEY },
  },
  arbitrary1: {
    suite: 'trixie',
    recipe: 'arbitrary1',
    disks: [470, 470, 470, 470],
    settings: { ONE: '/', ONE_MB: 680, TWO: '/srv/two' },
    root: '/dev/mapper/one_crypt',
    fstab: `/dev/mapper/one_crypt / ext4 errors=remount-ro 0 1
/dev/mapper/two_crypt /srv/two btrfs defaults 0 0`,
    crypttab: `one_crypt /dev/mapper/data-one none luks,initramfs
two_crypt /dev/mapper/data-two none luks`,
  },
  arbitrary2: {
    suite: 'trixie',
    recipe: 'arbitrary2',
    disks: [560, 560, 560],
    settings: VOLUMES,
    root: '/dev/mapper/data-ext4',
    fstab: VOLUMES_FSTAB,
    crypttab: 'md0_crypt /dev/md0 none luks,initramfs',
  },
  arbitrary3: {
    suite: 'trixie',
    recipe: 'arbitrary3',
    disks: [750, 750, 750],
    settings: VOLUMES,
    root: '/dev/mapper/data-ext4',
    fstab: VOLUMES_FSTAB,
    crypttab: `sda_crypt {uuid /dev/sda} none luks,initramfs
sdb_crypt {uuid /dev/sdb} none luks,initramfs
sdc_crypt {uuid /dev/sdc} none luks,initramfs`,
  },
  impermanence: {
    suite: 'trixie',
    recipe: 'impermanence',
    disks: [900],
    settings: { BOOT_MB: 80 },
    root: 'none',
    kernelArgs: 'boot=impermanence',
    into: '/nix',
    fstab: `root / tmpfs size=50%,mode=755 0 0
/dev/mapper/persist /nix btrfs subvol=nix 0 0
/dev/mapper/persist /persist btrfs subvol=persist 0 0
/dev/mapper/persist /home btrfs subvol=home 0 0
/dev/mapper/persist /var/log btrfs subvol=log 0 0
{uuid /dev/sda1} /boot vfat umask=0077 0 2`,
    crypttab: 'persist {uuid /dev/sda2} none luks,initramfs',
    files: { 'etc/initramfs-tools/scripts/impermanence': TMPFS_ROOT },
  },
} as const satisfies Record<string, BootedHost>;

export type BootedHostName = keyof typeof BOOTED_HOSTS;
