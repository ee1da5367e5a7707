import { readSync } from 'node:fs';

const PIECE = 1 << 23;
const PAGE = 4096;
/** No needle is longer: so much of the next piece is seen with each. */
const REACH = PAGE;
/** What a needle is told by at first. */
const WORD = 4;
const FILTER_BITS = 18;
/** Spreads the words over the filter (Knuth's multiplicative hash): text and pointers differ in few of their bits. */
const SPREAD = 0x9e3779b1 | 0;
const ZEROS = Buffer.alloc(PAGE);

/** Sees bytes [0, end); what starts at [0, starts) is its own, what starts later is seen again with the next piece. */
export type Look = (bytes: Buffer, starts: number, end: number) => void;

/** Shows a file to all of these in one pass. Pieces begin on page borders. */
export function lookThrough(fd: number, looks: readonly Look[]): void {
  const bytes = Buffer.alloc(PIECE + REACH);
  for (let position = 0; ; position += PIECE) {
    let end = 0;
    for (let read = 1; read > 0 && end < bytes.length; end += read) read = readSync(fd, bytes, end, bytes.length - end, position + end);
    const starts = Math.min(end, PIECE);
    for (const look of looks) look(bytes, starts, end);
    if (end <= PIECE) return;
  }
}

export interface Search {
  readonly look: Look;
  /** How often each needle was seen so far, in the order they were given. */
  readonly hits: readonly number[];
}

/**
 * Looks for any number of needles at every offset, as fast as for one: only where four bytes are a needle's first four, by a filter that
 * fits into a processor's cache, is anything compared.
 * @throws RangeError for a needle that is too short to tell, or longer than two pieces overlap.
 */
export function searchFor(needles: readonly Buffer[]): Search {
  const hits = needles.map(() => 0);
  const filter = new Uint8Array(1 << FILTER_BITS);
  const byStart = new Map<number, number[]>();
  for (const [n, needle] of needles.entries()) {
    if (needle.length < WORD || needle.length > REACH) throw new RangeError(`a needle of ${needle.length} bytes`);
    const start = needle.readInt32BE(0);
    filter[Math.imul(start, SPREAD) >>> (32 - FILTER_BITS)] = 1;
    const same = byStart.get(start);
    if (same) same.push(n);
    else byStart.set(start, [n]);
  }
  const skipsZeros = !byStart.has(0);
  const compare = (bytes: Buffer, at: number, end: number, word: number): void => {
    for (const n of byStart.get(word) ?? []) {
      const needle = needles[n] as Buffer;
      if (at + needle.length <= end && needle.compare(bytes, at, at + needle.length) === 0) hits[n] = (hits[n] ?? 0) + 1;
    }
  };
  const look: Look = (bytes, starts, end) => {
    for (let page = 0; page < starts; page += PAGE) {
      const stop = Math.min(page + PAGE, starts);
      const isZero = skipsZeros && page + PAGE <= end && ZEROS.compare(bytes, page, page + PAGE) === 0;
      // What starts in the page's last bytes may go on in the next one.
      let at = isZero ? Math.min(page + PAGE - WORD + 1, stop) : page;
      let word = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
      for (; at < stop; at++) {
        word = (word << 8) | (bytes[at + 3] as number);
        if (filter[Math.imul(word, SPREAD) >>> (32 - FILTER_BITS)] === 1) compare(bytes, at, end, word);
      }
    }
  };
  return { look, hits };
}

/** How often each of the needles is found in a file. */
export function countIn(fd: number, needles: readonly Buffer[]): readonly number[] {
  const { look, hits } = searchFor(needles);
  lookThrough(fd, [look]);
  return hits;
}
