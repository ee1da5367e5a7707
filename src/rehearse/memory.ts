import { readSync } from 'node:fs';

const CHUNK = 1 << 23;
/** What is looked for: half of an AES-256 key, which nothing else is by chance. */
const FRAGMENT = 16;

/** Pieces of secrets, as they may lie in memory. */
export function fragmentsOf(secrets: readonly Buffer[]): Buffer[] {
  const pieces = new Map<string, Buffer>();
  for (const secret of secrets) {
    for (let at = 0; at + FRAGMENT <= secret.length; at += FRAGMENT) {
      const piece = secret.subarray(at, at + FRAGMENT);
      pieces.set(piece.toString('hex'), piece);
    }
  }
  return [...pieces.values()];
}

/** How often any of the fragments is found in a file, at any offset. One pass, whatever their number. */
export function countFragments(fd: number, fragments: readonly Buffer[]): number {
  const starts = new Uint8Array(1 << 16);
  const byStart = new Map<number, Buffer[]>();
  for (const piece of fragments) {
    const start = ((piece[0] as number) << 8) | (piece[1] as number);
    starts[start] = 1;
    byStart.set(start, [...(byStart.get(start) ?? []), piece]);
  }
  const buffer = Buffer.alloc(CHUNK + FRAGMENT);
  let found = 0;
  let kept = 0;
  for (let position = 0; ; ) {
    const read = readSync(fd, buffer, kept, CHUNK, position);
    const end = kept + read;
    const last = end - FRAGMENT;
    let word = buffer[0] as number;
    for (let at = 0; at <= last; at++) {
      word = ((word << 8) | (buffer[at + 1] as number)) & 0xffff;
      if (starts[word] === 1) for (const piece of byStart.get(word) as Buffer[]) if (piece.compare(buffer, at, at + FRAGMENT) === 0) found++;
    }
    if (read === 0) return found;
    position += read;
    kept = Math.min(FRAGMENT - 1, end);
    buffer.copy(buffer, 0, end - kept, end);
  }
}

export interface Key {
  readonly name: string;
  readonly bytes: Buffer;
}

/** How much of the throwaway key and of the volume keys is in a memory, and the names of the volume keys of which nothing is. */
export function searchMemory(
  fd: number,
  passphrase: Buffer,
  volumeKeys: readonly Key[],
): { readonly found: number; readonly fragments: number; readonly gone: ReadonlySet<string> } {
  const all = fragmentsOf([passphrase, ...volumeKeys.map(({ bytes }) => bytes)]);
  const found = volumeKeys.length > 0 ? countFragments(fd, all) : 0;
  const isGone = ({ bytes }: Key) => found === 0 || countFragments(fd, fragmentsOf([bytes])) === 0;
  return { found, fragments: all.length, gone: new Set(volumeKeys.filter(isGone).map(({ name }) => name)) };
}
