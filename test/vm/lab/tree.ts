import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { missingPackages } from '../../tools/packages.ts';
import { cacheFolder, forgetUnused, recipeName } from './cache.ts';
import { madeOnce } from './once.ts';

/** What a lab guest is made of: Debian 13, its User Mode Linux kernel, node, and every tool of the layers. */
const SUITE = 'trixie';
const PACKAGES = `autofs bcache-tools btrfs-progs busybox-static cryptsetup-bin dbus dmsetup dosfstools e2fsprogs fdisk fuse3 jfsutils kmod kpartx
  lvm2 mdadm multipath-tools nodejs procps psmisc squashfs-tools squashfuse systemd systemd-sysv thin-provisioning-tools udev user-mode-linux xfsprogs`.split(
  /\s+/,
);

/** A build takes half a minute where the mirror is near. */
const PATIENCE_MS = 600_000;

/**
 * The guest's root, built once by mmdebstrap and kept in the cache folder. Of several that ask at once, one builds.
 * @throws Error naming what is missing, when it cannot be built here.
 */
export function ensureTree(say: (line: string) => void): Promise<string> {
  const tree = join(cacheFolder(), `tree-${recipeName(SUITE, ...PACKAGES)}`);
  return madeOnce(tree, () => build(tree, say));
}

async function build(tree: string, say: (line: string) => void): Promise<void> {
  const missing = missingPackages();
  if (missing.length > 0) throw new Error(`building the lab's guest needs: apt-get install ${missing.join(' ')}`);
  if (process.getuid?.() !== 0) throw new Error("building the lab's guest needs root once (mmdebstrap): run it with sudo");
  forgetUnused('tree-');
  const making = `${tree}.making`;
  rmSync(making, { recursive: true, force: true });
  mkdirSync(making);
  say(`building the lab's Debian guest (${PACKAGES.length} packages, about half a minute, once) in ${tree}`);
  const options = [
    '--variant=minbase',
    '--mode=root',
    `--include=${PACKAGES.join(',')}`,
    '--dpkgopt=path-exclude=/usr/share/doc/*',
    '--dpkgopt=path-exclude=/usr/share/man/*',
  ];
  const built = execa('mmdebstrap', [...options, SUITE, making], { all: true, timeout: PATIENCE_MS });
  built.all.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) if (line.startsWith('I: ')) say(`  ${line.slice(3)}`);
  });
  await built;
  mkdirSync(join(making, 'lab'), { recursive: true });
  rmSync(tree, { recursive: true, force: true });
  renameSync(making, tree);
}
