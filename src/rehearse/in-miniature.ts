import { realpathSync } from 'node:fs';
import { shellWord as quote } from '../model/quote.ts';
import type { Guest } from './guest.ts';

/** The program's command line, for the guest's sh, called in the miniature. */
export function inMiniature(node: string, program: string, ...args: readonly string[]): string {
  return ['chroot', '/proc/1/root', node, `${program}/dist/uninitramfs.cjs`, ...args].map(quote).join(' ');
}

/** The node that runs this runs the miniature's program as well; a tree has its own. */
export function nodeInMiniature(tree: string | undefined): string {
  return tree ? '/usr/bin/node' : realpathSync(process.execPath);
}

/** The program's own exitrd, put where systemd looks for one. */
export async function installOwnExitrd(guest: Guest, program: string, node: string): Promise<void> {
  await guest.run(`cd /\n${inMiniature(node, program, 'exitrd', 'install')}`, 120);
}
