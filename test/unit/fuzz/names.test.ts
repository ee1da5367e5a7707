import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { shellWord, shellWords } from '../../../src/model/quote.ts';
import { decodeOctal } from '../../../src/sources/octal.ts';
import { hostileBytes } from '../../fuzz/hostile.ts';
import { SHELLS } from '../../fuzz/recorder.ts';
import { octal } from '../support/fake-host.ts';
import { nastyName } from '../support/random-host.ts';

const HOOKS = new URL('../../../shutdown-hooks/', import.meta.url).pathname;
const base = mkdtempSync(join(tmpdir(), 'uninitramfs-names-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const fromBytes = hostileBytes.map((bytes) => Buffer.from(bytes.slice(0, 200), 'latin1').toString('utf8').replaceAll('\0', ''));
const names = fc.sample(fc.oneof(nastyName, fromBytes), { numRuns: 300, seed: Number(process.env.FUZZ_SEED ?? 20_260_101) });

describe.each(SHELLS)('%s', (tool, ...options) => {
  const run = (script: string): string[] => {
    const file = join(base, tool);
    writeFileSync(file, script);
    return execFileSync(tool, [...options, file], { encoding: 'utf8', env: { LC_ALL: 'C' }, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 })
      .split('\0')
      .slice(0, -1);
  };

  it('is given names as they are, one by one and many at once', () => {
    expect(run(names.map((name) => `printf '%s\\0' ${shellWord(name)}\n`).join(''))).toEqual(names);
    expect(run(`printf '%s\\0' ${shellWords(names)}\n`)).toEqual(names);
  });

  it('reads names as the kernel escapes them, and so does the live runner', () => {
    const escaped = names.map(octal);
    expect(escaped.map(decodeOctal)).toEqual(names);
    expect(run(`. ${HOOKS}probes.sh\n${escaped.map((word) => `unescape ${shellWord(word)}; printf '%s\\0' "$path"\n`).join('')}`)).toEqual(names);
  });

  it('finds each of them in a mount table, and nothing beside it', () => {
    const points = names.map((name) => `/${name}`);
    const table = join(base, 'mountinfo');
    writeFileSync(table, points.map((point, index) => `${index + 20} 1 0:${index} / ${octal(point)} rw - ext4 x rw\n`).join(''));
    const probes = readFileSync(`${HOOKS}probes.sh`, 'utf8').replaceAll('/proc/self/mountinfo', table);
    const asked = points.slice(0, 12).map((point) => [point, `${point}x`]);
    const answers = run(
      `${probes}\n${asked
        .flat()
        .map((point) => `mounted ${shellWord(point)}; printf '%s\\0' $?\n`)
        .join('')}`,
    );
    expect(answers).toEqual(asked.flat().map((point) => (points.includes(point) ? '0' : '1')));
  });
});
