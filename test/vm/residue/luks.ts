import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { readSync } from 'node:fs';

/**
 * LUKS2 as its specification has it, as far as the lab's hosts use it: so a volume key is known without a guest that would have to be told
 * the passphrase, and be trusted to forget it.
 */
const MAGIC = Buffer.from('LUKS\xba\xbe', 'latin1');
const ALIGNMENT = 4096;
const BINARY_HEADER = 4096;
const KEYSLOT_SECTOR = 512;

interface Json {
  readonly keyslots: Readonly<Record<string, Keyslot>>;
  readonly segments: Readonly<Record<string, Segment>>;
  readonly digests: Readonly<Record<string, Digest>>;
}

interface Kdf {
  readonly type: string;
  readonly hash: string;
  readonly iterations: number;
  readonly salt: string;
}

interface Keyslot {
  readonly key_size: number;
  readonly af: { readonly stripes: number; readonly hash: string };
  readonly area: { readonly offset: string; readonly encryption: string; readonly key_size: number };
  readonly kdf: Kdf;
}

interface Segment {
  readonly offset: string;
  readonly encryption: string;
  readonly sector_size: number;
}

interface Digest extends Kdf {
  readonly digest: string;
}

/** A LUKS2 device somewhere on a disk. Its header has to lie there in one piece; that of an array's first member does. */
export interface Luks {
  readonly fd: number;
  readonly at: number;
  readonly uuid: string;
  readonly json: Json;
}

/** Every LUKS2 device on a disk, wherever on it. */
export function luksOn(fd: number): Luks[] {
  const piece = Buffer.alloc(1 << 20);
  const found: Luks[] = [];
  for (let position = 0; ; position += piece.length) {
    const read = readSync(fd, piece, 0, piece.length, position);
    for (let at = 0; at < read; at += ALIGNMENT) if (MAGIC.compare(piece, at, at + MAGIC.length) === 0) found.push(headerAt(fd, position + at));
    if (read < piece.length) return found;
  }
}

function headerAt(fd: number, at: number): Luks {
  const binary = bytesAt(fd, at, BINARY_HEADER);
  const size = Number(binary.readBigUInt64BE(8));
  const text = bytesAt(fd, at + BINARY_HEADER, size - BINARY_HEADER).toString();
  return { fd, at, uuid: untilNul(binary.toString('latin1', 168, 208)), json: JSON.parse(untilNul(text)) as Json };
}

/** The volume key, if this secret opens a key slot. The header's own digest says whether it is the right one. */
export function volumeKeyOf({ fd, at, json }: Luks, secret: Buffer): Buffer | undefined {
  for (const slot of Object.values(json.keyslots)) {
    const areaKey = derive(secret, slot.kdf, slot.area.key_size);
    const stripes = bytesAt(fd, at + Number(slot.area.offset), slot.key_size * slot.af.stripes);
    const key = merge(decrypt(stripes, areaKey, slot.area.encryption, KEYSLOT_SECTOR), slot);
    for (const digest of Object.values(json.digests)) {
      const expected = Buffer.from(digest.digest, 'base64');
      if (derive(key, digest, expected.length).equals(expected)) return key;
    }
  }
  return undefined;
}

/** The first bytes of what is encrypted. */
export function plaintextOf({ fd, at, json }: Luks, volumeKey: Buffer, length: number): Buffer {
  const [segment] = Object.values(json.segments);
  if (segment === undefined) throw new Error('a LUKS header without a segment');
  return decrypt(bytesAt(fd, at + Number(segment.offset), length), volumeKey, segment.encryption, segment.sector_size);
}

function derive(secret: Buffer, { type, hash, iterations, salt }: Kdf, length: number): Buffer {
  if (type !== 'pbkdf2') throw new Error(`the lab's hosts use pbkdf2, not ${type}`);
  return pbkdf2Sync(secret, Buffer.from(salt, 'base64'), iterations, length, hash);
}

function decrypt(bytes: Buffer, key: Buffer, encryption: string, sectorBytes: number): Buffer {
  if (encryption !== 'aes-xts-plain64') throw new Error(`the lab's hosts use aes-xts-plain64, not ${encryption}`);
  const out: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += sectorBytes) {
    const tweak = Buffer.alloc(16);
    // In sectors of 512 bytes, however large the sectors are that are encrypted.
    tweak.writeBigUInt64LE(BigInt(from / 512));
    out.push(createDecipheriv(`aes-${key.length * 4}-xts`, key, tweak).update(bytes.subarray(from, from + sectorBytes)));
  }
  return Buffer.concat(out, bytes.length);
}

/** LUKS's anti-forensic splitter, backwards: each stripe is mixed into all that came before. */
function merge(stripes: Buffer, { key_size: size, af }: Keyslot): Buffer {
  let key = Buffer.alloc(size);
  for (let n = 0; n < af.stripes; n++) {
    if (n > 0) key = diffuse(key, af.hash);
    for (let i = 0; i < size; i++) key[i] = (key[i] as number) ^ (stripes[n * size + i] as number);
  }
  return key;
}

function diffuse(bytes: Buffer, hash: string): Buffer<ArrayBuffer> {
  const size = createHash(hash).digest().length;
  const blocks: Buffer[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    const number = Buffer.alloc(4);
    number.writeUInt32BE(from / size);
    const block = bytes.subarray(from, from + size);
    blocks.push(createHash(hash).update(number).update(block).digest().subarray(0, block.length));
  }
  return Buffer.concat(blocks);
}

function bytesAt(fd: number, at: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  const read = readSync(fd, bytes, 0, length, at);
  if (read < length) throw new Error(`${length} bytes at ${at} go beyond the disk`);
  return bytes;
}

function untilNul(text: string): string {
  const end = text.indexOf('\0');
  return end < 0 ? text : text.slice(0, end);
}
