import { chmodSync, cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { missingPackages } from '../../tools/packages.ts';
import { cacheFolder, forgetUnused, recipeName } from './cache.ts';
import { madeOnce } from './once.ts';
import { ensureZfsModules, putZfsModules } from './zfs-modules.ts';

/**
 * Debian's suites; one of them a second time, with ZFS, whose modules have to be compiled, with all that serves and uses disks over a network, and with
 * the tools of what User Mode Linux has no modules for.
 */
export type Suite = 'trixie' | 'bookworm' | 'trixie-more';

/** What a booted host is made of: Debian's kernel, systemd and initramfs, and every tool of the reference hosts. */
const PACKAGES = `btrfs-progs busybox-static cryptsetup cryptsetup-initramfs dbus dmsetup dosfstools e2fsprogs fdisk initramfs-tools jfsutils kexec-tools kmod
  linux-image-amd64 lvm2 mdadm procps psmisc systemd systemd-sysv udev util-linux xfsprogs zstd`.split(/\s+/);
const TRIXIE = ['nodejs', 'systemd-cryptsetup'];
const NETWORK = `cifs-utils drbd-utils iproute2 nbd-client nfs-common nfs-kernel-server nvme-cli open-iscsi samba`.split(' ');
const MODULES = 'ecryptfs-utils vdo zfs-initramfs zfsutils-linux'.split(' ');
const ONLY: Record<Suite, readonly string[]> = { trixie: TRIXIE, bookworm: [], 'trixie-more': [...TRIXIE, ...MODULES, ...NETWORK] };
/** A test starts those it needs; the others would cost each boot its time. */
const ASLEEP = 'iscsid.socket nfs-server nfs-blkmap nfs-client.target nmbd open-iscsi rpcbind rpcbind.socket samba-ad-dc smbd nvmefc-boot-connections'.split(
  ' ',
);

/** Modules for hardware no guest has: without them there is a third less to copy, to pack and to boot. */
const NO_HARDWARE = [
  'sound',
  ...'gpu media iio infiniband staging net/wireless net/ethernet net/can isdn comedi thunderbolt'.split(' ').map((d) => `drivers/${d}`),
];

/** A mirror far away takes minutes. */
const PATIENCE_MS = 900_000;

/**
 * The root of a booted host, built once by mmdebstrap and kept in the cache folder.
 * @throws Error naming what is missing, when it cannot be built here.
 */
export function ensureBootTree(suite: Suite, say: (line: string) => void): Promise<string> {
  const prefix = `boot-${suite}-`;
  const name = prefix + recipeName(suite, ...PACKAGES, ...ONLY[suite], ...(suite === 'trixie-more' ? ASLEEP : []), ...NO_HARDWARE);
  return madeOnce(join(cacheFolder(), name), async () => {
    const missing = missingPackages();
    if (missing.length > 0) throw new Error(`building a booted host needs: apt-get install ${missing.join(' ')}`);
    if (process.getuid?.() !== 0) throw new Error('building a booted host needs root once (mmdebstrap): run it with sudo');
    forgetUnused(prefix);
    const modules = suite === 'trixie-more' ? await ensureZfsModules(await ensureBootTree('trixie', say), say) : undefined;
    say(`building the Debian tree of the booted hosts (${suite}, about two minutes, once)`);
    await build(suite, join(cacheFolder(), name), modules);
  });
}

async function build(suite: Suite, tree: string, zfs: string | undefined): Promise<void> {
  const making = `${tree}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making);
  // kexec-tools would put itself before every reboot otherwise.
  const preseed = 'echo "kexec-tools kexec-tools/load_kexec boolean false" | chroot "$1" debconf-set-selections';
  const without = ['/usr/share/doc/*', '/usr/share/man/*', '/usr/share/locale/*', '/usr/share/info/*', ...NO_HARDWARE.map((folder) => `/*/kernel/${folder}/*`)];
  const options = [
    '--variant=minbase',
    '--mode=root',
    `--include=${[...PACKAGES, ...ONLY[suite]].join(',')}`,
    ...without.map((path) => `--dpkgopt=path-exclude=${path}`),
    `--essential-hook=${preseed}`,
  ];
  if (zfs !== undefined) options.push('--components=main,contrib');
  await execa('mmdebstrap', [...options, suite.replace('-more', ''), making], { all: true, timeout: PATIENCE_MS });
  // Its own initramfs knows no host.
  for (const file of readdirSync(join(making, 'boot'))) if (file.startsWith('initrd.img')) rmSync(join(making, 'boot', file));
  if (suite === 'bookworm') await bringNode(making);
  if (zfs !== undefined) {
    await putZfsModules(zfs, making);
    await execa('chroot', [making, 'systemctl', 'disable', ...ASLEEP], { timeout: 60_000 });
  }
  rmSync(tree, { recursive: true, force: true });
  renameSync(making, tree);
}

/** Debian 12's own node is too old for the program; the one that runs this asks for little more than a C library. */
async function bringNode(tree: string): Promise<void> {
  cpSync(process.execPath, join(tree, 'usr/bin/node'));
  chmodSync(join(tree, 'usr/bin/node'), 0o755);
  await execa('chroot', [tree, '/usr/bin/node', '-e', '0'], { timeout: 60_000 });
}
