import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Whether a program is on the machine (or in the tree) that a guest boots over. */
export function hasTool(tree: string, tool: string): boolean {
  return FOLDERS.some((folder) => existsSync(join(tree, folder, tool)));
}

/** Whether the guest's kernel can have modules at all. */
export function hasModules(tree: string): boolean {
  try {
    return readdirSync(join(tree, '/usr/lib/uml/modules')).length > 0;
  } catch {
    return false;
  }
}
