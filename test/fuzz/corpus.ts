import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { FuzzCase } from './cases.ts';
import { asBytes, type Entry } from './tree.ts';

const FOLDER = new URL('corpus/', import.meta.url).pathname;

/** A case as it lies in the corpus: `null` is gone, `base64:` is no UTF-8, `link:` is a link. */
interface Kept {
  readonly why: string;
  readonly host: string;
  readonly targets: readonly string[];
  readonly files: Readonly<Record<string, string | null>>;
}

export function readCorpus(): { name: string; case: FuzzCase }[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json'))
    .map((name) => ({ name, case: parse(JSON.parse(readFileSync(FOLDER + name, 'utf8')) as Kept) }));
}

/** @returns the file. */
export function addToCorpus(found: FuzzCase, why: string): string {
  const kept: Kept = {
    why,
    host: found.host,
    targets: found.targets,
    files: Object.fromEntries([...found.changes].map(([path, entry]) => [path, entry ? write(entry) : null])),
  };
  const text = `${JSON.stringify(kept, undefined, 2)}\n`;
  const file = `${FOLDER}found-${createHash('sha256').update(text).digest('hex').slice(0, 12)}.json`;
  writeFileSync(file, text);
  return file;
}

function parse({ host, targets, files }: Kept): FuzzCase {
  return { host, targets, changes: new Map(Object.entries(files).map(([path, text]) => [path, text === null ? undefined : read(text)])) };
}

function read(text: string): Entry {
  if (text.startsWith('link:')) return { is: 'link', bytes: asBytes(text.slice('link:'.length)) };
  return { is: 'file', bytes: text.startsWith('base64:') ? Buffer.from(text.slice('base64:'.length), 'base64').toString('latin1') : asBytes(text) };
}

function write({ is, bytes }: Entry): string {
  const text = Buffer.from(bytes, 'latin1').toString('utf8');
  if (is === 'link') return `link:${text}`;
  return asBytes(text) === bytes && !/^(link|base64):/.test(text) ? text : `base64:${Buffer.from(bytes, 'latin1').toString('base64')}`;
}
