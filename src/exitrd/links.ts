import { lstatSync, realpathSync } from 'node:fs';

/**
 * The links of a tree whose libraries lie where this host's do. The folder of the dynamic linker differs: Debian has /usr/lib64, Arch leads
 * /lib64 and /usr/lib64 to /usr/lib, and on other machines than x86 there may be none.
 */
export function treeLinks(): { readonly links: Readonly<Record<string, string>>; readonly folders: readonly string[] } {
  const links: Record<string, string> = { bin: 'usr/bin', sbin: 'usr/bin', 'usr/sbin': 'bin', lib: 'usr/lib' };
  const folders: string[] = [];
  const lib64 = realPath('/lib64');
  links.lib64 = lib64 === '/usr/lib' ? 'usr/lib' : 'usr/lib64';
  if (lib64 === '/usr/lib' && isLink('/usr/lib64')) links['usr/lib64'] = 'lib';
  else if (lib64 !== '/usr/lib') folders.push('usr/lib64');
  return { links, folders };
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}
