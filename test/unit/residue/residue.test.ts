import { createHash } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { expand, inverseMixColumns } from '../../vm/residue/aes.ts';
import { needlesOf, type Secrets } from '../../vm/residue/needles.ts';
import { hitsOf, KINDS, residueIn } from '../../vm/residue/residue.ts';
import { makeUntouched } from '../../vm/residue/untouched.ts';

const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-residue-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Bytes that are the same in every run, and like nothing else. */
function noise(seed: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 64) }, (_, n) => createHash('sha512').update(`${seed} ${n}`).digest());
  return Buffer.concat(blocks).subarray(0, length);
}

const secrets: Secrets = {
  volumeKeys: [noise('a volume key', 64), noise('another', 64)],
  keyFiles: [noise('a key file', 64)],
  passphrases: [Buffer.from('correct horse battery staple')],
  markers: [Buffer.from(noise('markers', 16).toString('hex'))],
  decoys: [noise('a decoy', 64)],
};
const key = secrets.volumeKeys[0] as Buffer;
const half = key.subarray(32);
const stranger = noise('nobody', 32);

/** What can lie in a memory, and what it counts as. */
const PLANTS: Readonly<Record<string, { readonly bytes: Buffer; readonly counts: Readonly<Record<string, number>> }>> = {
  'a volume key': { bytes: key, counts: { 'volume key': 49 } },
  'half of it': { bytes: half, counts: { 'volume key': 17 } },
  'sixteen bytes from its middle': { bytes: key.subarray(27, 43), counts: { 'volume key': 1 } },
  'its schedule': { bytes: expand(half), counts: { 'volume key': 17, 'round keys': 13, schedules: 1 } },
  'its schedule without the end': { bytes: expand(half).subarray(0, -1), counts: { 'volume key': 17, 'round keys': 12 } },
  'a round key of decryption': { bytes: inverseMixColumns(expand(half).subarray(32, 48)), counts: { 'round keys': 1 } },
  'its hex': { bytes: Buffer.from(key.toString('hex')), counts: { 'key in hex': 4 } },
  'a key file': { bytes: secrets.keyFiles[0] as Buffer, counts: { 'key files': 4 } },
  'a passphrase': { bytes: secrets.passphrases[0] as Buffer, counts: { passphrase: 3 } },
  'its beginning': { bytes: Buffer.from('correct horse ba\b'), counts: { passphrase: 1 } },
  'a line of plaintext': { bytes: Buffer.from(`uninitramfs-marker-${secrets.markers[0]}-17`), counts: { markers: 1 } },
  "a stranger's schedule": { bytes: expand(stranger), counts: { 'other schedules': 1 } },
  "a stranger's key": { bytes: stranger, counts: {} },
  'what no guest was given': { bytes: secrets.decoys[0] as Buffer, counts: { 'never given': 49 } },
};

function measure(memory: Buffer) {
  const file = join(folder, 'memory');
  writeFileSync(file, memory);
  return measureFile(file);
}

function measureFile(file: string) {
  const fd = openSync(file, 'r');
  try {
    return residueIn(fd, secrets);
  } finally {
    closeSync(fd);
  }
}

it('counts exactly what was planted, wherever it lies', () => {
  const plant = fc.record({ name: fc.constantFrom(...Object.keys(PLANTS)), gap: fc.nat(2000) });
  fc.assert(
    fc.property(fc.array(plant, { maxLength: 12 }), fc.constantFrom('noise', 'zeros'), (plants, between) => {
      const expected: Record<string, number> = {};
      const parts = plants.flatMap(({ name, gap }, n) => {
        const { bytes, counts } = PLANTS[name] as (typeof PLANTS)[string];
        for (const [kind, count] of Object.entries(counts)) expected[kind] = (expected[kind] ?? 0) + count;
        // A cipher context's schedules are aligned, and only there are they looked for.
        // Zeros on both sides: noise may happen to be the very byte that a key would go on with.
        return [
          between === 'noise' ? noise(`gap ${n}`, 4 * gap + 4) : Buffer.alloc(4 * gap + 4),
          Buffer.alloc(4),
          bytes,
          Buffer.alloc((-bytes.length & 3) + 4),
        ];
      });
      expect(hitsOf(measure(Buffer.concat([...parts, noise('end', 1000)])), KINDS)).toEqual(expected);
    }),
    { numRuns: 100 },
  );
});

it('counts each once where it lies across a border of two pieces', () => {
  const border = 1 << 23;
  for (const { bytes, counts } of Object.values(PLANTS))
    for (const before of [0, 4, (bytes.length >> 3) << 2, (bytes.length + 3) & ~3])
      expect(hitsOf(measure(Buffer.concat([Buffer.alloc(border - before), bytes, Buffer.alloc(5000)])), KINDS)).toEqual(counts);
});

it('finds nothing in a memory that holds none of it', () => {
  const pool = noise('pool', 1 << 20);
  expect(hitsOf(measure(Buffer.concat([pool, Buffer.alloc(1 << 20), pool.reverse()])), KINDS)).toEqual({});
});

it('says how many different needles were found, and of how many', () => {
  const { found } = measure(Buffer.concat([key, key, expand(half)]));
  expect(found['volume key']).toEqual({ hits: 49 + 49 + 17, distinct: 49, of: 98 });
  expect(found['round keys']).toEqual({ hits: 13, distinct: 13, of: 4 * (13 + 15) });
  expect(found.schedules).toEqual({ hits: 1, distinct: 1, of: 4 });
});

it('takes every needle for one kind only', () => {
  const needles = needlesOf(secrets).map(({ bytes }) => bytes.toString('hex'));
  expect(new Set(needles).size).toBe(needles.length);
});

it('tells pages that nothing has written to from those that were zeroed', () => {
  const file = join(folder, 'untouched');
  makeUntouched(file, 9);
  expect(measureFile(file)).toMatchObject({ untouched: 9 * 256, pages: 9 * 256 });
  const fd = openSync(file, 'r+');
  writeFileSync(fd, Buffer.alloc(4096 + 1));
  closeSync(fd);
  expect(measureFile(file)).toMatchObject({ untouched: 9 * 256 - 2, pages: 9 * 256 });
});
