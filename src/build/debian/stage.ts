import { chmodSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { foldersOf } from './control.ts';
import type { Entry } from './entry.ts';

/**
 * Writes a tree for dpkg-deb. Neither the umask nor the clock nor the modes of the sources show in it.
 * @param epoch the age of everything, in seconds.
 */
export function stage(tree: string, entries: readonly Entry[], epoch: number): void {
  const folders = ['', ...foldersOf(entries)].map((folder) => join(tree, folder));
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true });
    chmodSync(folder, 0o755);
  }
  for (const { path, is, executable } of entries) {
    const place = join(tree, path);
    if ('link' in is) symlinkSync(is.link, place);
    else {
      writeFileSync(place, is.content);
      chmodSync(place, executable ? 0o755 : 0o644);
    }
    lutimesSync(place, epoch, epoch);
  }
  for (const folder of folders.toReversed()) lutimesSync(folder, epoch, epoch);
}
