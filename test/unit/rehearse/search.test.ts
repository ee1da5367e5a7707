import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { countIn } from '../../../src/rehearse/search.ts';

const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-search-'));
afterAll(() => rmSync(folder, { recursive: true }));

function count(memory: Buffer, needles: readonly Buffer[]): readonly number[] {
  const file = join(folder, 'memory');
  writeFileSync(file, memory);
  const fd = openSync(file, 'r');
  try {
    return countIn(fd, needles);
  } finally {
    closeSync(fd);
  }
}

/** Every place of every needle, one after the other. */
function countSlowly(memory: Buffer, needles: readonly Buffer[]): number[] {
  return needles.map((needle) => {
    let hits = 0;
    for (let at = memory.indexOf(needle); at >= 0; at = memory.indexOf(needle, at + 1)) hits++;
    return hits;
  });
}

it('counts as a search for one needle after the other does, overlaps and zeros included', () => {
  // Few different bytes: so needles share their beginnings, overlap themselves, and are full of zeros.
  const bytes = (constraints: { minLength: number; maxLength: number }) => fc.array(fc.constantFrom(0, 0, 0, 1), constraints).map((each) => Buffer.from(each));
  const stretch = fc.oneof(
    bytes({ minLength: 0, maxLength: 300 }),
    fc.nat(9000).map((length) => Buffer.alloc(length)),
  );
  fc.assert(
    fc.property(
      fc.array(stretch, { maxLength: 8 }),
      fc.uniqueArray(bytes({ minLength: 4, maxLength: 12 }), { minLength: 1, maxLength: 20, selector: (needle) => needle.toString('hex') }),
      (stretches, needles) => {
        const memory = Buffer.concat(stretches);
        expect(count(memory, needles)).toEqual(countSlowly(memory, needles));
      },
    ),
    { numRuns: 300 },
  );
});

it('finds what lies across the border of two pieces, once', () => {
  const border = 1 << 23;
  const needle = Buffer.from('00112233445566778899aabbccddeeff', 'hex');
  for (const before of [0, 1, 8, 15, 16]) {
    const memory = Buffer.concat([Buffer.alloc(border - before), needle, Buffer.alloc(1000)]);
    expect([before, count(memory, [needle])]).toEqual([before, [1]]);
  }
});

it('finds what lies at either end, and no more than is there', () => {
  const needle = Buffer.from('never twice');
  for (const length of [0, 1, 4085, 4086, 4096, (1 << 23) - 11, 1 << 23, (1 << 23) + 4096]) {
    expect([length, count(Buffer.concat([Buffer.alloc(length), needle]), [needle])]).toEqual([length, [1]]);
    expect([length, count(Buffer.concat([needle, Buffer.alloc(length)]), [needle])]).toEqual([length, [1]]);
    expect([length, count(Buffer.concat([Buffer.alloc(length), needle.subarray(0, -1)]), [needle])]).toEqual([length, [0]]);
  }
});

it('refuses what would be found anywhere', () => {
  expect(() => count(Buffer.alloc(10), [Buffer.alloc(3)])).toThrow(RangeError);
});
