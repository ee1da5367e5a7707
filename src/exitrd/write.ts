import { chmodSync, copyFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Contents, FOLDERS, type Item, LIB } from './contents.ts';
import { treeLinks } from './links.ts';

/** The plans a tree holds, as text. */
export interface Plans {
  /** For the exitrd. */
  readonly exitrd: string;
  /** For the live phase of a shutdown. */
  readonly live: string;
}

/** Fills an empty directory. Nobody but root can look into it. */
export function writeTree(tree: string, contents: Contents, plans: Plans): void {
  const { links, folders } = treeLinks();
  for (const folder of [...FOLDERS, ...folders]) mkdirSync(join(tree, folder), { recursive: true, mode: 0o700 });
  for (const [path, to] of Object.entries(links)) symlinkSync(to, join(tree, path));
  // /shutdown comes last: systemd takes a tree that has it for a whole one.
  const order = [...contents.items].sort((a, b) => Number(a.path === '/shutdown') - Number(b.path === '/shutdown'));
  mkdirSync(join(tree, LIB), { recursive: true, mode: 0o700 });
  writePlans(tree, plans);
  writeFileSync(join(tree, LIB, 'plan.boot'), plans.exitrd, { mode: 0o600 });
  for (const item of order) addItem(tree, item);
}

/** Replaces the plans of a tree. Each is the old one or the new one at any moment. */
export function writePlans(tree: string, plans: Plans): void {
  for (const [name, text] of [
    ['plan', plans.exitrd],
    ['plan.live', plans.live],
  ] as const) {
    const place = join(tree, LIB, name);
    writeFileSync(`${place}.new`, text, { mode: 0o600 });
    renameSync(`${place}.new`, place);
  }
}

function addItem(tree: string, item: Item): void {
  const place = join(tree, item.path);
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  if ('link' in item.is) {
    symlinkSync(item.is.link, place);
    return;
  }
  if ('copy' in item.is) copyFileSync(item.is.copy, place);
  else writeFileSync(place, item.is.text);
  chmodSync(place, item.executable ? 0o700 : 0o600);
}
