import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seal } from '../../../src/exitrd/seal.ts';
import { SHELLS } from '../../fuzz/recorder.ts';

const HOOKS = new URL('../../../shutdown-hooks/', import.meta.url).pathname;
const PLAN = seal(readFileSync(new URL('../../fixtures/rented-server/exitrd.txt', import.meta.url), 'latin1'));

/** Says which damaged plans were used all the same. The shell of the exitrd sees them all, of the others each a fifth. */
const CHOOSE = `. "$1/plan.sh"
say() { :; }
for each in "$2"/$4; do
  plan=none
  choose_plan "$each" "$3"
  case $plan in
    "$3") ;;
    none) [ ! -r "$3" ] || echo "\${each##*/} none" ;;
    *) echo "\${each##*/} $plan" ;;
  esac
done
echo end`;

/** Thousands of files: a disk that others use too takes a minute for them. */
const folder = mkdtempSync('/dev/shm/uninitramfs-damage-');
beforeAll(() => {
  mkdirSync(join(folder, 'damaged'));
  const put = (name: string, text: string) => writeFileSync(join(folder, 'damaged', name), text, 'latin1');
  for (let at = 0; at < PLAN.length; at++) {
    put(`cut-${at}`, PLAN.slice(0, at));
    // Now a space, a newline or nothing, now another letter, now the byte as it comes from a disk with one bit turned.
    const other = [' ', '\n', '\0', 'x', String.fromCharCode(PLAN.charCodeAt(at) ^ 1), '#'].filter((byte) => byte !== PLAN[at]);
    put(`garbled-${at}`, PLAN.slice(0, at) + other[at % other.length] + PLAN.slice(at + 1));
  }
  for (const [n, byte] of [' ', '\n', '\0', 'x', '"'].entries()) put(`first-${n}`, byte + PLAN.slice(1));
  for (const [n, more] of ['x', '\n', ' ', '\0'].entries()) {
    put(`longer-${n}`, PLAN + more);
    put(`between-${n}`, PLAN.replace('\n', `${more}\n`));
  }
  writeFileSync(join(folder, 'boot'), PLAN, 'latin1');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const choose = async ([tool = '', ...options]: readonly string[], fallback: string, which: string): Promise<string> =>
  // With a socket as its input bash takes itself for one that rshd started, and reads .bashrc.
  (await execa(tool, [...options, '-c', CHOOSE, 'sh', HOOKS, folder, fallback, which], { stdin: 'ignore', env: { LC_ALL: 'C' }, timeout: 170_000 })).stdout;

it.each(SHELLS)('%s: a plan that is cut or garbled at any byte is not used, but the plan of the boot', { timeout: 180_000 }, async (...shell) => {
  const fifths = { bash: '*[17]', dash: '*[28]' } as Record<string, string>;
  expect(await choose(shell, join(folder, 'boot'), `damaged/${fifths[shell[0] ?? ''] ?? '*'}`)).toBe('end');
});

it('without that there is none, and the sweep alone is left', async () => {
  expect(await choose(['busybox', 'ash'], join(folder, 'no-such'), 'damaged/*99')).toBe('end');
});
