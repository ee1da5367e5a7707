import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Door } from '../../src/model/sources.ts';

/** A file or a link as bytes, one character each: what is garbled need not be UTF-8. */
export interface Entry {
  readonly is: 'file' | 'link';
  readonly bytes: string;
}

/** A host's files by their path. */
export type Tree = ReadonlyMap<string, Entry>;

export const asBytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const asText = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('utf8');

export function treeFrom(files: Iterable<readonly [string, string]>, links: Iterable<readonly [string, string]>): Tree {
  const entries = (is: Entry['is'], all: Iterable<readonly [string, string]>) =>
    [...all].map(([path, text]): [string, Entry] => [path, { is, bytes: asBytes(text) }]);
  return new Map([...entries('file', files), ...entries('link', links)]);
}

/** A captured host. */
export function readTree(root: string): Tree {
  const tree = new Map<string, Entry>();
  // Links lead in rings there, so none is followed.
  const walk = (folder: string): void => {
    for (const each of readdirSync(root + folder, { withFileTypes: true })) {
      const path = `${folder}/${each.name}`;
      if (each.isDirectory()) walk(path);
      else if (each.isSymbolicLink()) tree.set(path, { is: 'link', bytes: asBytes(readlinkSync(root + path)) });
      else tree.set(path, { is: 'file', bytes: readFileSync(root + path, 'latin1') });
    }
  };
  walk('');
  return tree;
}

/** The door to a tree in memory. It answers as the one to a folder does. */
export function treeDoor(tree: Tree): Door {
  const folders = new Map<string, Set<string>>();
  for (const path of tree.keys()) {
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      const cut = at.lastIndexOf('/');
      const names = folders.get(at.slice(0, cut)) ?? new Set();
      folders.set(at.slice(0, cut), names.add(at.slice(cut + 1)));
    }
  }
  const of = (path: string, is: Entry['is']): string | undefined => {
    const entry = tree.get(path);
    return entry?.is === is ? asText(entry.bytes) : undefined;
  };
  return {
    root: '/fuzz',
    live: false,
    text: (path) => of(path, 'file')?.trimEnd(),
    list: (path) => [...(folders.get(path) ?? [])].sort(),
    link: (path) => of(path, 'link'),
    exists: (path) => tree.has(path) || folders.has(path),
    mode: () => undefined,
    answer: () => undefined,
  };
}
