/** Words of an AES-256 key schedule (FIPS 197, 5.2): fifteen round keys. */
export const SCHEDULE_WORDS = 60;
const KEY_WORDS = 8;

function times2(byte: number): number {
  return ((byte << 1) ^ (byte & 0x80 ? 0x11b : 0)) & 0xff;
}

function times(byte: number, factor: number): number {
  let product = 0;
  for (let bits = factor, power = byte; bits > 0; bits >>= 1, power = times2(power)) if (bits & 1) product ^= power;
  return product;
}

/** FIPS 197, 5.1.1, from its definition: the inverse in GF(2⁸), then an affine map. */
export const SBOX = Uint8Array.from({ length: 256 }, (_, byte) => {
  let inverse = 0;
  for (let each = 1; each < 256; each++) if (times(byte, each) === 1) inverse = each;
  let out = 0x63;
  for (let turn = 0; turn < 5; turn++) out ^= ((inverse << turn) | (inverse >> (8 - turn))) & 0xff;
  return out;
});

/** Words are as a little-endian processor reads them, so that a memory can be looked at in its own words. */
function subWord(word: number): number {
  return (
    (SBOX[word & 0xff] as number) |
    ((SBOX[(word >>> 8) & 0xff] as number) << 8) |
    ((SBOX[(word >>> 16) & 0xff] as number) << 16) |
    ((SBOX[word >>> 24] as number) << 24)
  );
}

const ROUND_CONSTANTS = [0, 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40];

/** What word n of a schedule has to be, from those before it. */
function wordAt(words: Int32Array, from: number, n: number): number {
  const before = words[from + n - 1] as number;
  const base = words[from + n - KEY_WORDS] as number;
  if (n % KEY_WORDS === 0) return base ^ subWord((before >>> 8) | (before << 24)) ^ (ROUND_CONSTANTS[n / KEY_WORDS] as number);
  return base ^ (n % KEY_WORDS === 4 ? subWord(before) : before);
}

/** Whether a whole schedule lies there. A word that is cheap to tell comes first: but for zeros, almost nothing gets beyond it. */
export function isSchedule(words: Int32Array, from: number): boolean {
  if (words[from + 9] !== ((words[from + 1] as number) ^ (words[from + 8] as number))) return false;
  for (let n = KEY_WORDS; n < SCHEDULE_WORDS; n++) if (words[from + n] !== wordAt(words, from, n)) return false;
  return true;
}

/** The fifteen round keys of a 32-byte key, one after the other as they lie in memory. */
export function expand(key: Buffer): Buffer {
  const words = new Int32Array(SCHEDULE_WORDS);
  for (let n = 0; n < KEY_WORDS; n++) words[n] = key.readInt32LE(4 * n);
  for (let n = KEY_WORDS; n < SCHEDULE_WORDS; n++) words[n] = wordAt(words, 0, n);
  return Buffer.from(words.buffer);
}

/** A round key as the equivalent inverse cipher wants it (FIPS 197, 5.3.5). */
export function inverseMixColumns(roundKey: Buffer): Buffer {
  return Buffer.from(
    roundKey.map((_, n) => {
      const byte = (row: number) => roundKey[(n & ~3) | ((n + row) & 3)] as number;
      return times(byte(0), 14) ^ times(byte(1), 11) ^ times(byte(2), 13) ^ times(byte(3), 9);
    }),
  );
}
