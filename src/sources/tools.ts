import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { PROGRAM_FOLDERS } from '../model/places.ts';

/** What every shutdown takes part in, beside what the layers call. */
const ALWAYS = ['busybox', 'dmsetup', 'systemd-shutdown', 'uninitramfs'];

/** Which of these programs are here, with size and age: enough to see that one was exchanged, without starting any. */
export function stampTools(names: readonly string[]): Record<string, string> {
  return Object.fromEntries([...new Set([...ALWAYS, ...names])].sort().map((name) => [name, stamp(name)]));
}

function stamp(name: string): string {
  for (const path of placesOf(name)) {
    try {
      const { size, mtimeMs } = statSync(path);
      return `${path} ${size} ${Math.floor(mtimeMs)}`;
    } catch {
      // Not in this folder.
    }
  }
  return 'missing';
}

function placesOf(name: string): string[] {
  if (name === 'systemd-shutdown') return ['/usr/lib/systemd/systemd-shutdown', '/lib/systemd/systemd-shutdown'];
  if (name === 'uninitramfs') return process.argv[1] ? [join(dirname(process.argv[1]), 'uninitramfs.cjs')] : [];
  return PROGRAM_FOLDERS.map((folder) => join(folder, name));
}
