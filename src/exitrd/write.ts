import { chmodSync, copyFileSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { EXITRD_LIB as LIB } from '../model/places.ts';
import { type Contents, FOLDERS, type Item } from './contents.ts';
import { treeLinks } from './links.ts';

/** The plans a tree holds, as text. */
export interface Plans {
  /** For the exitrd. */
  readonly exitrd: string;
  /** For the live phase of a shutdown. Undefined when there is nothing to do in it. */
  readonly live: string | undefined;
  /** For the moment before the network goes. Undefined when there is nothing to do in it. */
  readonly network: string | undefined;
  /** What they were made from, as renew.sh tells it. */
  readonly state: string;
  /** Where the receipt goes, as sh; empty for none. Absent: as it was. */
  readonly receipt?: string;
}

/** Fills an empty directory. Nobody but root can look into it. */
export function writeTree(tree: string, contents: Contents, plans: Plans): void {
  const { links, folders } = treeLinks();
  for (const folder of [...FOLDERS, ...folders]) mkdirSync(join(tree, folder), { recursive: true, mode: 0o700 });
  for (const [path, to] of Object.entries(links)) symlinkSync(to, join(tree, path));
  // /shutdown comes last: systemd takes a tree that has it for a whole one.
  const order = [...contents.items].sort((a, b) => Number(a.path === '/shutdown') - Number(b.path === '/shutdown'));
  mkdirSync(join(tree, LIB), { recursive: true, mode: 0o700 });
  writeFileSync(join(tree, LIB, 'plan.boot'), plans.exitrd, { mode: 0o600 });
  writeRest(tree, plans);
  for (const item of order) addItem(tree, item);
}

/** Renews the plans of a tree; that of the boot stays beside them. Each is the old one or the new one at any moment. */
export function writePlans(tree: string, plans: Plans): void {
  replace(tree, 'plan', plans.exitrd);
  writeRest(tree, plans);
}

function writeRest(tree: string, plans: Plans): void {
  replace(tree, 'plan.live', plans.live);
  replace(tree, 'plan.network', plans.network);
  if (plans.receipt !== undefined) replace(tree, 'receipt', plans.receipt || undefined);
  // Last: until then the next shutdown makes them again.
  replace(tree, 'plan.state', plans.state);
}

function replace(tree: string, name: string, text: string | undefined): void {
  const place = join(tree, LIB, name);
  if (text === undefined) {
    rmSync(place, { force: true });
    return;
  }
  writeFileSync(`${place}.new`, text, { mode: 0o600 });
  renameSync(`${place}.new`, place);
}

function addItem(tree: string, item: Item): void {
  const place = join(tree, item.path);
  mkdirSync(dirname(place), { recursive: true, mode: 0o700 });
  if ('link' in item.is) {
    symlinkSync(item.is.link, place);
    return;
  }
  if ('copy' in item.is) copyFileSync(item.is.copy, place);
  else writeFileSync(place, item.is.text, { mode: 0o600 });
  chmodSync(place, item.executable ? 0o700 : 0o600);
}
