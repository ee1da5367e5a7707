import { lookThrough, searchFor } from '../../../src/rehearse/search.ts';
import { cipherKeys, NEEDLE_KINDS, needlesOf, type Secrets } from './needles.ts';
import { schedules } from './schedules.ts';
import { untouched } from './untouched.ts';

/**
 * `schedules` are whole AES-256 key schedules of the volume keys. `other schedules` are of keys that nobody here knows: dm-crypt's message
 * `key wipe` puts a random key in the place of the real one, and leaves its schedules.
 */
export const KINDS = [...NEEDLE_KINDS, 'schedules', 'other schedules'] as const;
export type Kind = (typeof KINDS)[number];

/** What of a volume key can be left: with any of these, a disk can be read. */
export const KEY_KINDS = ['volume key', 'round keys', 'key in hex', 'schedules'] as const satisfies readonly Kind[];
/** All that a guest was given. */
export const SECRET_KINDS = [...KEY_KINDS, 'key files', 'passphrase', 'markers'] as const satisfies readonly Kind[];

interface Found {
  readonly hits: number;
  /** How many different needles were among them, and of how many. */
  readonly distinct: number;
  readonly of: number;
}

export interface Residue {
  readonly found: Readonly<Record<Kind, Found>>;
  /** Pages that nothing has written to since the memory was made, where that can be told. */
  readonly untouched: number;
  readonly pages: number;
}

/** What is left of secrets in a memory. The search runs outside the guest, so that what it finds is the guest's own. */
export function residueIn(fd: number, secrets: Secrets): Residue {
  const needles = needlesOf(secrets);
  const search = searchFor(needles.map(({ bytes }) => bytes));
  const whole = schedules();
  const pages = untouched();
  lookThrough(fd, [search.look, whole.look, pages.look]);
  const keys = new Set(secrets.volumeKeys.flatMap(cipherKeys).map((key) => key.toString('hex')));
  const scheduled = (isOurs: boolean, of: number): Found => {
    const counts = [...whole.seen].filter(([key]) => keys.has(key) === isOurs).map(([, count]) => count);
    return { hits: sum(counts), distinct: counts.length, of };
  };
  const needlesFound = Object.fromEntries(
    NEEDLE_KINDS.map((kind) => {
      const counts = search.hits.filter((_, n) => needles[n]?.kind === kind);
      return [kind, { hits: sum(counts), distinct: counts.filter((count) => count > 0).length, of: counts.length }];
    }),
  );
  const found = { ...needlesFound, schedules: scheduled(true, keys.size), 'other schedules': scheduled(false, 0) } as Record<Kind, Found>;
  return { found, untouched: pages.count(), pages: pages.all() };
}

/** The hits of these kinds, without those that are not there. */
export function hitsOf({ found }: Residue, kinds: readonly Kind[]): Partial<Record<Kind, number>> {
  return Object.fromEntries(kinds.filter((kind) => found[kind].hits > 0).map((kind) => [kind, found[kind].hits]));
}

/** Of two measurements, the worse of each kind. */
export function worse(one: Residue, other: Residue): Residue {
  const pick = (kind: Kind) => (other.found[kind].hits > one.found[kind].hits ? other.found[kind] : one.found[kind]);
  return {
    ...one,
    found: Object.fromEntries(KINDS.map((kind) => [kind, pick(kind)])) as Record<Kind, Found>,
    untouched: Math.max(one.untouched, other.untouched),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, each) => total + each, 0);
}
