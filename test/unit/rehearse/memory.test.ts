import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { searchMemory } from '../../../src/rehearse/memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

const passphrase = Buffer.from('f0e1d2c3b4a5968778695a4b3c2d1e0ff0e1d2c3b4a5968778695a4b3c2d1eff', 'hex');
const key = Buffer.from('00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0', 'hex');
const other = Buffer.from('aaaaaaaabbbbbbbbccccccccddddddddaaaaaaaabbbbbbbbccccccccdddddddd', 'hex');

function search(memory: Buffer, volumeKeys: readonly Buffer[]) {
  const file = join(folder, 'memory');
  writeFileSync(file, memory);
  const fd = openSync(file, 'r');
  try {
    return searchMemory(
      fd,
      passphrase,
      volumeKeys.map((bytes, n) => ({ name: `key ${n}`, bytes })),
    );
  } finally {
    closeSync(fd);
  }
}

it('finds each half of a key at any offset, and counts every copy', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { minLength: 0, maxLength: 3 }), (gaps) => {
      const memory = Buffer.concat([...gaps.flatMap((gap) => [Buffer.alloc(gap, 0x55), key]), Buffer.alloc(100)]);
      const gone = new Set(gaps.length === 0 ? ['key 0', 'key 1'] : ['key 1']);
      expect(search(memory, [key, other])).toEqual({ found: 2 * gaps.length, fragments: 5, gone });
    }),
    { numRuns: 50 },
  );
});

it('counts the passphrase, but takes no volume key for left because of it', () => {
  expect(search(passphrase, [key])).toEqual({ found: 2, fragments: 4, gone: new Set(['key 0']) });
});

it('finds nothing where only parts are left', () => {
  expect(search(Buffer.concat([key.subarray(0, 15), Buffer.alloc(50), key.subarray(17)]), [key]).found).toBe(0);
});

it('finds nothing where it does not know what to look for', () => {
  expect(search(passphrase, [])).toEqual({ found: 0, fragments: 2, gone: new Set() });
});
