import fc from 'fast-check';
import { hostileBytes } from './hostile.ts';
import type { Entry, Tree } from './tree.ts';

/** Which files an edit may be about: those that decide most are met most. */
const PLACES: readonly (readonly [weight: number, RegExp])[] = [
  [6, /^\/proc\/self\/mountinfo$/],
  [4, /^\/proc\/swaps$/],
  [2, /^\/etc\/crypttab$/],
  [1, /^\/etc\/fstab$/],
  [2, /\.toml$/],
  [5, /^\/sys\/block\/[^/]+\/dm\//],
  [3, /^\/sys\/block\/[^/]+\/(md|loop|bcache)\//],
  [2, /^\/run\/udev\//],
  [2, /^\/sys\/fs\//],
  [2, /^\/proc\/\d+\//],
  [2, /\/(slaves|holders)\//],
  [2, /^\/sys\/dev\//],
  [2, /./],
];

/** One thing that goes wrong with a file. Numbers choose among what is there. */
interface Edit {
  readonly place: RegExp;
  readonly file: number;
  readonly how: (typeof HOWS)[number];
  readonly at: number;
  readonly other: number;
  readonly bytes: string;
}

const HOWS = ['flip', 'insert', 'word', 'word', 'word', 'cut line', 'double line', 'move line', 'truncate', 'whole', 'as another', 'gone', 'rename'] as const;

const edit: fc.Arbitrary<Edit> = fc.record({
  place: fc.oneof(...PLACES.map(([weight, place]) => ({ weight, arbitrary: fc.constant(place) }))),
  file: fc.nat(10_000),
  how: fc.constantFrom(...HOWS),
  at: fc.nat(100_000),
  other: fc.nat(10_000),
  bytes: hostileBytes,
});

export const edits: fc.Arbitrary<readonly Edit[]> = fc.array(edit, { minLength: 1, maxLength: 6 });

/** What differs from the tree afterwards; undefined is gone. */
export type Changes = ReadonlyMap<string, Entry | undefined>;

export function changesOf(tree: Tree, all: readonly Edit[]): Changes {
  const now = new Map(tree);
  for (const each of all) apply(now, each);
  const paths = new Set([...tree.keys(), ...now.keys()]);
  return new Map([...paths].flatMap((path) => (now.get(path) === tree.get(path) ? [] : [[path, now.get(path)] as const])));
}

function apply(tree: Map<string, Entry>, { place, file, how, at, other, bytes }: Edit): void {
  const paths = [...tree.keys()];
  const among = paths.filter((path) => place.test(path));
  const path = among[file % among.length];
  const entry = path === undefined ? undefined : tree.get(path);
  if (path === undefined || entry === undefined) return;
  if (how === 'gone') tree.delete(path);
  else if (how === 'rename') rename(tree, path, at, bytes);
  else if (how === 'as another') tree.set(path, { ...entry, bytes: tree.get(paths[other % paths.length] as string)?.bytes ?? '' });
  else tree.set(path, { ...entry, bytes: garble(entry.bytes, how, at, other, bytes) });
}

function garble(text: string, how: Exclude<Edit['how'], 'gone' | 'rename' | 'as another'>, at: number, other: number, bytes: string): string {
  const here = at % (text.length + 1);
  const lines = text.split('\n');
  const line = at % lines.length;
  switch (how) {
    case 'flip':
      return text === ''
        ? bytes
        : text.slice(0, here) + String.fromCharCode((text.charCodeAt(here % text.length) ^ (1 << (other % 8))) & 255) + text.slice(here + 1);
    case 'insert':
      return text.slice(0, here) + bytes + text.slice(here);
    case 'truncate':
      return text.slice(0, here);
    case 'whole':
      return bytes;
    case 'cut line':
      return lines.toSpliced(line, 1).join('\n');
    case 'double line':
      return lines.toSpliced(other % lines.length, 0, lines[line] as string).join('\n');
    case 'move line':
      return lines
        .toSpliced(line, 1)
        .toSpliced(other % lines.length, 0, lines[line] as string)
        .join('\n');
    case 'word': {
      // With what parts them kept, so that the fields stay where they are.
      const words = text.split(/([\s,:=-]+)/);
      const nth = at % words.length;
      return words.with(nth, other % 3 === 0 ? `${words[nth]}${bytes}` : bytes).join('');
    }
    default:
      return how satisfies never;
  }
}

/** A folder or file with another name, and all that is in it. */
function rename(tree: Map<string, Entry>, path: string, at: number, bytes: string): void {
  const parts = path.split('/');
  const depth = 2 + (at % Math.max(1, parts.length - 2));
  const said = Buffer.from(bytes, 'latin1').toString('utf8').replace(/[/\0]/g, '_');
  // No folder tells of itself.
  const name = ['', '.', '..'].includes(said) ? '_' : said;
  const from = parts.slice(0, depth + 1).join('/');
  const to = [...parts.slice(0, depth), name].join('/');
  for (const [each, entry] of [...tree]) {
    if (each !== from && !each.startsWith(`${from}/`)) continue;
    tree.delete(each);
    tree.set(to + each.slice(from.length), entry);
  }
}
