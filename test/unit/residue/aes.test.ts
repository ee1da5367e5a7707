import { createCipheriv } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { expand, inverseMixColumns, isSchedule, SBOX } from '../../vm/residue/aes.ts';

const FIPS_KEY = Buffer.from('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4', 'hex');
const aKey = fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes));

it('expands the key of FIPS 197, A.3', () => {
  const schedule = expand(FIPS_KEY).toString('hex');
  expect(schedule).toHaveLength(480);
  expect(schedule.slice(64, 80)).toBe('9ba354118e6925af');
  expect(schedule.slice(-32)).toBe('fe4890d1e6188d0b046df344706c631e');
});

it('expands any key so that OpenSSL encrypts the same with it', () => {
  const aBlock = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes));
  fc.assert(
    fc.property(aKey, aBlock, (key, block) => {
      const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
      expect(encrypt(block, expand(key)).toString('hex')).toBe(cipher.update(block, undefined, 'hex'));
    }),
  );
});

it('undoes the mixing of columns', () => {
  fc.assert(
    fc.property(aKey, (key) => {
      const roundKey = expand(key).subarray(48, 64);
      expect(mixColumns(inverseMixColumns(roundKey)).equals(roundKey)).toBe(true);
    }),
  );
});

it('knows a schedule from what is one byte away from it', () => {
  fc.assert(
    fc.property(aKey, fc.nat(239), fc.integer({ min: 1, max: 255 }), (key, at, change) => {
      const schedule = expand(key);
      const words = new Int32Array(schedule.buffer, schedule.byteOffset, 60);
      expect(isSchedule(words, 0)).toBe(true);
      schedule[at] = (schedule[at] as number) ^ change;
      expect(isSchedule(words, 0)).toBe(false);
    }),
  );
});

/** FIPS 197, 5.1, in so many words. */
function encrypt(block: Buffer, schedule: Buffer): Buffer {
  let state = xor(block, schedule.subarray(0, 16));
  for (let round = 1; round <= 14; round++) {
    const shifted = Buffer.from(state.map((_, n) => SBOX[state[(n + 4 * (n & 3)) & 15] as number] as number));
    state = xor(round < 14 ? mixColumns(shifted) : shifted, schedule.subarray(16 * round, 16 * round + 16));
  }
  return state;
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(one.map((byte, n) => byte ^ (other[n] as number)));
}

function mixColumns(block: Buffer): Buffer {
  const twice = (byte: number) => ((byte << 1) ^ (byte & 0x80 ? 0x11b : 0)) & 0xff;
  return Buffer.from(
    block.map((_, n) => {
      const byte = (row: number) => block[(n & ~3) | ((n + row) & 3)] as number;
      return twice(byte(0)) ^ twice(byte(1)) ^ byte(1) ^ byte(2) ^ byte(3);
    }),
  );
}
