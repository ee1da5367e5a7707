import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';

const HOOKS = new URL('../../../shutdown-hooks/', import.meta.url).pathname;

/** Only busybox runs this file: the others have no `read -t`. What the disks of this machine still write does not renew a bound here. */
async function play(script: string): Promise<string> {
  const work = mkdtempSync(join(tmpdir(), 'bounded-'));
  const prelude = `work=$2\nalive() { :; }\nfor part in probes steps bounded; do . "$1/$part.sh"; done\ndirty() { dirty=0; }\n`;
  try {
    return (await execa('busybox', ['ash', '-c', prelude + script, 'sh', HOOKS, work], { stdin: 'ignore', timeout: 50_000 })).stdout;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

it('hands back the exit code and the last line', async () => {
  expect(await play(`bounded 5 sh -c 'echo one; echo two; exit 3'; echo "$? $said"`)).toBe('3 two');
});

it('ends what hangs with all that it started, and does not take its late end for that of another', async () => {
  const said = await play(`mark=31.4159$$
bounded 2 sh -c 'sleep $0; true' "$mark"
echo "$? $said"
bounded 5 true
echo $?
for each in /proc/[0-9]*/cmdline; do ! grep -q "$mark" "$each" 2>/dev/null || echo "left: $each"; done`);
  // The shell of this test has the script, and with it the word "mark", but not the number.
  expect(said).toBe('124 it hangs and was left behind after 2 s\n0');
});

it('has less patience after each hang, so that bounds do not add up', { timeout: 60_000 }, async () => {
  const said = await play('for n in 1 2 3 4; do patiently 6 sleep 600; echo "$said"; done');
  expect(said.match(/\d+(?= s)/g)).toEqual(['6', '3', '2', '2']);
});
