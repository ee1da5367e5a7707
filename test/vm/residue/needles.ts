import { FRAGMENT } from '../../../src/rehearse/memory.ts';
import { expand, inverseMixColumns } from './aes.ts';

/** All that a guest was given and should not leave behind. */
export interface Secrets {
  readonly volumeKeys: readonly Buffer[];
  readonly keyFiles: readonly Buffer[];
  readonly passphrases: readonly Buffer[];
  /** What stands in every line of the plaintext on its encrypted file systems. */
  readonly markers: readonly Buffer[];
  /** A volume key that no guest ever had: whatever is found of it says that the instrument is wrong. */
  readonly decoys: readonly Buffer[];
}

export const NEEDLE_KINDS = ['volume key', 'round keys', 'key in hex', 'key files', 'passphrase', 'markers', 'never given'] as const;
type NeedleKind = (typeof NEEDLE_KINDS)[number];

export interface Needle {
  readonly kind: NeedleKind;
  readonly bytes: Buffer;
}

const HALF_KEY = 32;
/** Enough of a key file to tell it by. */
const KEY_FILE_BYTES = 4096;

/** Every needle once, of the first kind it is of: a schedule's first two round keys are the key itself. */
export function needlesOf(secrets: Secrets): Needle[] {
  const needles = new Map<string, Needle>();
  const add = (kind: NeedleKind, pieces: readonly Buffer[]): void => {
    for (const bytes of pieces) {
      const name = bytes.toString('hex');
      if (!needles.has(name)) needles.set(name, { kind, bytes });
    }
  };
  const { volumeKeys, keyFiles, passphrases, markers, decoys } = secrets;
  add(
    'volume key',
    volumeKeys.flatMap((key) => pieces(key, FRAGMENT, 1)),
  );
  add('round keys', volumeKeys.flatMap(roundKeys));
  add('key in hex', volumeKeys.flatMap(inHex));
  add(
    'key files',
    keyFiles.flatMap((file) => pieces(file.subarray(0, KEY_FILE_BYTES), FRAGMENT, FRAGMENT)),
  );
  add('passphrase', passphrases.flatMap(wholeAndHalves));
  add('markers', markers);
  add(
    'never given',
    decoys.flatMap((key) => [...pieces(key, FRAGMENT, 1), ...roundKeys(key), ...inHex(key)]),
  );
  return [...needles.values()];
}

/** The 32-byte keys whose schedules a cipher makes of a volume key: XTS has two. */
export function cipherKeys(volumeKey: Buffer): Buffer[] {
  return pieces(volumeKey, HALF_KEY, HALF_KEY);
}

function pieces(bytes: Buffer, size: number, step: number): Buffer[] {
  const count = Math.floor((bytes.length - size) / step) + 1;
  return Array.from({ length: Math.max(count, 0) }, (_, n) => bytes.subarray(n * step, n * step + size));
}

function roundKeys(volumeKey: Buffer): Buffer[] {
  const forward = cipherKeys(volumeKey).flatMap((key) => pieces(expand(key), FRAGMENT, FRAGMENT));
  return [...forward, ...forward.map(inverseMixColumns)];
}

function inHex(key: Buffer): Buffer[] {
  return pieces(Buffer.from(key.toString('hex')), 2 * FRAGMENT, 2 * FRAGMENT);
}

function wholeAndHalves(passphrase: Buffer): Buffer[] {
  const middle = passphrase.length >> 1;
  return [passphrase, passphrase.subarray(0, middle), passphrase.subarray(middle)];
}
