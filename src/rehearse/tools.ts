import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM_FOLDERS } from '../model/places.ts';
import type { Recipe } from './recipe.ts';

/** What every guest calls to get up. */
const ALWAYS = ['insmod', 'modprobe', 'udevadm', 'hostname', 'stty', 'dmsetup'];

/** Debian's packages, where they are not called like the program. */
const PACKAGES: Readonly<Record<string, string>> = {
  cryptsetup: 'cryptsetup-bin',
  pvcreate: 'lvm2',
  vgcreate: 'lvm2',
  vgchange: 'lvm2',
  lvcreate: 'lvm2',
  lvconvert: 'lvm2',
  btrfs: 'btrfs-progs',
  'mkfs.btrfs': 'btrfs-progs',
  'mkfs.xfs': 'xfsprogs',
  'mkfs.jfs': 'jfsutils',
  'mkfs.vfat': 'dosfstools',
  mke2fs: 'e2fsprogs',
  sfdisk: 'fdisk',
  insmod: 'kmod',
  modprobe: 'kmod',
  udevadm: 'udev',
};

/** Whether a program is on the machine (or in the tree) that a guest boots over. */
export function hasTool(tree: string, tool: string): boolean {
  return PROGRAM_FOLDERS.some((folder) => existsSync(join(tree, folder, tool)));
}

/** The programs that a recipe cannot do without. */
export function calledBy(recipe: Recipe): string[] {
  return recipe.steps.flatMap((step) => [...step.make, ...step.again].flatMap((op) => (op.argv && !op.mayFail ? [op.argv[0]] : [])));
}

export function missingTools(called: readonly string[], tree: string): string[] {
  return [...new Set([...ALWAYS, ...called])].filter((tool) => !hasTool(tree, tool)).sort();
}

export function packagesOf(tools: readonly string[]): string[] {
  return [...new Set(tools.map((tool) => PACKAGES[tool] ?? tool))];
}
