import { existsSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Whether a program is on the machine (or in the tree) that a guest boots over. */
export function hasTool(tree: string, tool: string): boolean {
  return FOLDERS.some((folder) => existsSync(join(tree, folder, tool)));
}
