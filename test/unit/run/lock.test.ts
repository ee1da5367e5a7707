import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { execa } from 'execa';
import { afterAll, expect, it } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Takes the lock again and again, tells when it has it, and is killed with it in its hands. */
const CONTENDER = `import { lock } from '${new URL('../../../src/run/lock.ts', import.meta.url).pathname}';
import { appendFileSync } from 'node:fs';
const [log, begin] = [process.argv[2], Number(process.argv[3])];
while (Date.now() < begin);
for (let n = 1; n <= 600; n++) {
  try {
    const unlock = lock('trial', process.argv[4]);
    appendFileSync(log, '+' + process.pid + '\\n');
    for (const until = Date.now() + 1; Date.now() < until; );
    appendFileSync(log, '-' + process.pid + '\\n');
    if (n > 300) process.kill(process.pid, 'SIGKILL');
    unlock();
  } catch (error) {
    if (!/another trial is at work \\(pid \\d+\\): wait for it to end/.test(String(error))) console.log(String(error));
  }
}`;

it('is held by one at a time, also where the last holder was killed', async () => {
  // It tells its own kind by its name.
  const program = join(folder, 'teardown.cjs');
  await build({ stdin: { contents: CONTENDER, resolveDir: folder }, bundle: true, platform: 'node', format: 'cjs', outfile: program, logLevel: 'error' });
  const log = join(folder, 'log');
  const begin = Date.now() + 1500;
  const all = await Promise.all(
    Array.from({ length: 8 }, () => execa('node', [program, log, String(begin), join(folder, 'run')], { reject: false, timeout: 50_000 })),
  );
  const said = all.flatMap(({ stdout }) => stdout.split('\n')).filter((line) => line !== '');
  const holders = readFileSync(log, 'utf8').trim().split('\n');
  expect(said).toEqual([]);
  expect(all.filter(({ signal }) => signal === 'SIGKILL').length).toBeGreaterThan(0);
  expect(holders.length).toBeGreaterThan(20);
  holders.forEach((line, n) => {
    expect(line).toBe(n % 2 === 0 ? line.replace('-', '+') : `-${holders[n - 1]?.slice(1)}`);
  });
});
