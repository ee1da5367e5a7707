import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { Door } from '../model/sources.ts';

/**
 * The one door to a host's files. `root` is `/` or a captured tree; absolute links inside a tree are never followed by
 * the callers, so nothing read through it comes from outside the tree.
 */
export function openDoor(root = '/'): Door {
  const prefix = root === '/' ? '' : root.replace(/\/+$/, '');
  const quiet = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch {
      return undefined;
    }
  };
  return {
    root,
    live: prefix === '',
    text: (path) => quiet(() => readFileSync(prefix + path, 'utf8').trimEnd()),
    list: (path) => quiet(() => readdirSync(prefix + path).sort()) ?? [],
    link: (path) => quiet(() => readlinkSync(prefix + path)),
    exists: (path) => quiet(() => lstatSync(prefix + path)) !== undefined,
    mode: (path) => (prefix === '' ? quiet(() => statSync(path).mode & 0o7777) : undefined),
  };
}
