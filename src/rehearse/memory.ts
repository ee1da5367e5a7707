import { countIn } from './search.ts';

/** What is looked for: half of an AES-256 key, which nothing else is by chance. */
export const FRAGMENT = 16;

/** Pieces of secrets, as they may lie in memory. */
function fragmentsOf(secrets: readonly Buffer[]): Buffer[] {
  const pieces = new Map<string, Buffer>();
  for (const secret of secrets) {
    for (let at = 0; at + FRAGMENT <= secret.length; at += FRAGMENT) {
      const piece = secret.subarray(at, at + FRAGMENT);
      pieces.set(piece.toString('hex'), piece);
    }
  }
  return [...pieces.values()];
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
  const hits = volumeKeys.length > 0 ? countIn(fd, all) : all.map(() => 0);
  const there = new Set(all.filter((_, n) => hits[n] !== 0).map((piece) => piece.toString('hex')));
  const isGone = ({ bytes }: Key) => fragmentsOf([bytes]).every((piece) => !there.has(piece.toString('hex')));
  return { found: hits.reduce((sum, each) => sum + each, 0), fragments: all.length, gone: new Set(volumeKeys.filter(isGone).map(({ name }) => name)) };
}
