import { lstatSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { shellWord as quote } from '../model/quote.ts';
import type { Sources } from '../model/sources.ts';
import { ROOT } from './recipe.ts';

/** Folders of the machine that programs are started from or need at run time. */
const PROGRAMS = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix', '/gnu'];
const TABLES = ['ld.so.cache', 'passwd', 'group', 'nsswitch.conf', 'lvm', 'os-release', 'alternatives'];

/**
 * The folder of the program inside the miniature. What holds the program on the host is pinned; so where that is neither / nor
 * /usr, the miniature's program lies there too.
 */
export function programFolder(src: Sources): string {
  const common = new Set(['/', '/usr'].map((path) => src.mountHolding(path)?.id));
  const apart = src.programPaths.find((path) => {
    const holder = src.mountHolding(path);
    return holder && !common.has(holder.id) && !/^\/(proc|sys|dev|run)(\/|$)/.test(holder.mountpoint);
  });
  return apart ? `${dirname(apart)}/uninitramfs` : '/opt/uninitramfs';
}

/**
 * Scripts that make the tree below the target one that can be entered: the machine's programs are bound into it, from memory and
 * hostfs, so that no disk of the miniature carries them. `begin` runs once the root is mounted, `finish` when everything is: what the
 * host mounts at or below such a folder must come first.
 */
export function inhabit(src: Sources, tree: string, node: string): { begin: string; finish: string } {
  const points = src.mounts.map((mount) => mount.mountpoint);
  const isMounted = (path: string) => points.some((point) => point === path || point.startsWith(`${path}/`));
  const extra = PROGRAMS.some((path) => node.startsWith(`${path}/`)) ? [] : [dirname(node)];
  const here = [...PROGRAMS, ...extra].filter((path) => kind(tree + path) !== undefined);
  const links = here.filter((path) => kind(tree + path) === 'link');
  const folders = here.filter((path) => kind(tree + path) === 'folder');
  const bind = (path: string) => `mkdir -p ${quote(ROOT + path)}; mount --bind ${quote(path)} ${quote(ROOT + path)}`;
  return {
    begin: [
      `cd ${ROOT}`,
      'mkdir -p proc sys dev run tmp etc var',
      'mount -t proc proc proc; mount -t sysfs sysfs sys; mount --bind /dev dev; mount --bind /dev/pts dev/pts; mount --bind /run run',
      ...TABLES.map((name) => `[ ! -e /etc/${name} ] || cp -a /etc/${name} etc/`),
      ...links.filter((path) => !isMounted(path)).map((path) => `ln -s ${quote(readlinkSync(tree + path))} ${quote(ROOT + path)}`),
      ...folders.filter((path) => !isMounted(path)).map(bind),
    ].join('\n'),
    finish: folders.filter(isMounted).map(bind).join('\n'),
  };
}

function kind(path: string): 'link' | 'folder' | undefined {
  try {
    return lstatSync(path).isSymbolicLink() ? 'link' : 'folder';
  } catch {
    return undefined;
  }
}
