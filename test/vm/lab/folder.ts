import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PREFIX = 'uninitramfs-machine-';
const folders: string[] = [];

process.once('exit', () => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A folder in memory that goes away with this process; one that was left behind by a killed process goes away now. */
export function workFolder(): string {
  const ram = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  for (const name of readdirSync(ram)) {
    const owner = name.startsWith(PREFIX) ? Number(name.slice(PREFIX.length).split('-')[0]) : 0;
    if (owner > 0 && !existsSync(`/proc/${owner}`)) rmSync(join(ram, name), { recursive: true, force: true });
  }
  const folder = mkdtempSync(join(ram, `${PREFIX}${process.pid}-`));
  folders.push(folder);
  return folder;
}
