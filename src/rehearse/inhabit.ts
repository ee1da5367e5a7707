import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Sources } from '../model/sources.ts';
import { ROOT } from './recipe.ts';
import { quote } from './script.ts';

/** Where the programs of the machine that the guest boots over are found from inside the miniature. */
export const MACHINE = '/run/machine';

/** Folders that a program of the machine may be started from or need at run time. */
const SYSTEM = [
  '/bin',
  '/sbin',
  '/lib',
  '/lib32',
  '/lib64',
  '/libx32',
  '/nix',
  '/gnu',
  '/usr',
  '/etc/ld.so.cache',
  '/etc/passwd',
  '/etc/group',
  '/etc/lvm',
  '/etc/nsswitch.conf',
];

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

/** A script that makes the tree below the target one that can be entered, once its root is mounted. Doing it again does no harm. */
export function inhabit(src: Sources, tree: string): string {
  const points = src.mounts.map((mount) => mount.mountpoint);
  const links: string[] = [];
  const folders = new Set<string>();
  const link = (path: string): void => {
    if (points.includes(path) || points.some((point) => point.startsWith(`${path}/`))) {
      folders.add(path);
      for (const name of list(tree + path)) link(`${path}/${name}`);
    } else links.push(path);
  };
  for (const path of SYSTEM) if (list(tree + dirname(path)).includes(path.slice(path.lastIndexOf('/') + 1))) link(path);
  return [
    `cd ${ROOT}`,
    'mkdir -p proc sys dev run tmp etc var',
    `if [ ! -e run/machine ]; then mount -t proc proc proc; mount -t sysfs sysfs sys; mount --bind /dev dev; mount --bind /dev/pts dev/pts; mount --bind /run run; mkdir -p run/machine; mount --bind / run/machine; fi`,
    ...[...folders].map((path) => `mkdir -p ${quote(`.${path}`)}`),
    ...links.map((path) => `[ -e ${quote(`.${path}`)} ] || [ -L ${quote(`.${path}`)} ] || ln -s ${quote(MACHINE + path)} ${quote(`.${path}`)}`),
  ].join('\n');
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder === '' ? '/' : folder);
  } catch {
    return [];
  }
}
