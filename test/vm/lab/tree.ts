import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { missingPackages } from '../../tools/packages.ts';
import { cacheFolder, recipeName } from './cache.ts';

/** What a lab guest is made of: Debian 13, its User Mode Linux kernel, node, and every tool of the layers. */
const SUITE = 'trixie';
const PACKAGES = `autofs bcache-tools btrfs-progs busybox-static cryptsetup-bin dbus dmsetup dosfstools e2fsprogs fdisk fuse3 jfsutils kmod kpartx
  lvm2 mdadm multipath-tools nodejs procps psmisc squashfs-tools squashfuse systemd systemd-sysv thin-provisioning-tools udev user-mode-linux xfsprogs`.split(
  /\s+/,
);

/**
 * The guest's root, built once by mmdebstrap and kept in the cache folder.
 * @throws Error naming what is missing, when it cannot be built here.
 */
export async function ensureTree(say: (line: string) => void): Promise<string> {
  const tree = join(cacheFolder(), `tree-${recipeName(SUITE, ...PACKAGES)}`);
  const ready = `${tree}.ready`;
  if (existsSync(ready)) return tree;
  const missing = missingPackages();
  if (missing.length > 0) throw new Error(`building the lab's guest needs: apt-get install ${missing.join(' ')}`);
  if (process.getuid?.() !== 0) throw new Error("building the lab's guest needs root once (mmdebstrap): run it with sudo");
  for (const old of readdirSync(cacheFolder())) if (old.startsWith('tree-')) rmSync(join(cacheFolder(), old), { recursive: true, force: true });
  const making = `${tree}.making`;
  mkdirSync(making, { recursive: true });
  say(`building the lab's Debian guest (${PACKAGES.length} packages, about half a minute, once) in ${tree}`);
  const built = execa(
    'mmdebstrap',
    [
      '--variant=minbase',
      '--mode=root',
      `--include=${PACKAGES.join(',')}`,
      '--dpkgopt=path-exclude=/usr/share/doc/*',
      '--dpkgopt=path-exclude=/usr/share/man/*',
      SUITE,
      making,
    ],
    { all: true, timeout: 900_000 },
  );
  built.all.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().split('\n')) if (line.startsWith('I: ')) say(`  ${line.slice(3)}`);
  });
  await built;
  mkdirSync(join(making, 'lab'), { recursive: true });
  renameSync(making, tree);
  writeFileSync(ready, '');
  return tree;
}
