import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { startMachine } from '../vm/lab/machine.ts';
import { median } from './row.ts';
import { timed } from './timed.ts';

/** It takes what malloc(3) gives, and would be killed with whatever else runs. */
const MIB = 400;

/** Seconds that sdmem of Debian's package secure-delete needs for a GiB in its fastest mode: one pass of zeros. */
export async function sdmemSecondsPerGib(say: (line: string) => void): Promise<number> {
  const program = await fetchSdmem();
  const machine = await startMachine('rented-server');
  try {
    await machine.run('cat >/usr/local/bin/sdmem\nchmod 755 /usr/local/bin/sdmem', 60, program);
    const took = await timed(machine, `(ulimit -v ${MIB * 1024}\nsdmem -fll >/dev/null 2>&1 || :)`, 300);
    const perGib = took.map((seconds) => (seconds * 1024) / MIB);
    say(`sdmem: ${perGib.map((each) => each.toFixed(1)).join(', ')} s a GiB`);
    return median(perGib);
  } finally {
    await machine.stop();
  }
}

async function fetchSdmem(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-sdmem-'));
  try {
    await execa('apt-get', ['download', 'secure-delete'], { cwd: folder, timeout: 120_000 });
    const [deb] = readdirSync(folder);
    await execa('dpkg-deb', ['-x', deb ?? '', 'out'], { cwd: folder, timeout: 60_000 });
    return readFileSync(join(folder, 'out/usr/bin/sdmem'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
