import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { countFragments, fragmentsOf } from '../../../src/rehearse/memory.ts';

const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-memory-'));
afterAll(() => rmSync(folder, { recursive: true }));

function count(memory: Buffer, secrets: readonly Buffer[]): number {
  const file = join(folder, 'memory');
  writeFileSync(file, memory);
  const fd = openSync(file, 'r');
  try {
    return countFragments(fd, fragmentsOf(secrets));
  } finally {
    closeSync(fd);
  }
}

const key = Buffer.from('00112233445566778899aabbccddeeff0f1e2d3c4b5a69788796a5b4c3d2e1f0', 'hex');

it('finds each half of a key at any offset, and counts every copy', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(5000), { minLength: 0, maxLength: 3 }), (gaps) => {
      const memory = Buffer.concat([...gaps.flatMap((gap) => [Buffer.alloc(gap, 0x55), key]), Buffer.alloc(100)]);
      expect(count(memory, [key])).toBe(2 * gaps.length);
    }),
    { numRuns: 50 },
  );
});

it('finds what lies across the border of two reads', () => {
  const border = 1 << 23;
  for (const before of [1, 8, 15, 16]) {
    const memory = Buffer.concat([Buffer.alloc(border - before), key.subarray(0, 16), Buffer.alloc(1000)]);
    expect([before, count(memory, [key])]).toEqual([before, 1]);
  }
});

it('finds nothing where only parts are left', () => {
  expect(count(Buffer.concat([key.subarray(0, 15), Buffer.alloc(50), key.subarray(17)]), [key])).toBe(0);
});
