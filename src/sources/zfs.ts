import type { Door, ZfsKey, ZfsPool } from '../model/sources.ts';

/** A folder for each imported pool (OpenZFS: module/zfs/spa_stats.c). */
const KSTAT = '/proc/spl/kstat/zfs';
/** In full paths, without units and headings, one thing a line: the same from 2.1 to 2.3 (zpool-list(8), zfs-get(8)). */
const SHAPE = ['zpool', 'list', '-H', '-P', '-L', '-v'];
const KEYS = ['zfs', 'get', '-H', '-p', '-t', 'filesystem,volume', '-o', 'name,property,value', 'encryptionroot,keystatus,keylocation'];

/** Reads the pools the kernel has open. Their members are in no file, so zpool is asked; nothing is asked where there is no pool. */
export function readZfs(door: Door): ZfsPool[] {
  const names = door.list(KSTAT).filter((name) => door.exists(`${KSTAT}/${name}/state`));
  if (names.length === 0) return [];
  const vdevs = parseShape(door.answer(SHAPE) ?? '');
  const keys = parseKeys(door.answer(KEYS) ?? '');
  return names.map((name) => ({
    name,
    state: door.text(`${KSTAT}/${name}/state`) ?? '',
    vdevs: vdevs.get(name),
    keys: keys.filter(({ dataset }) => poolOf(dataset) === name),
  }));
}

/** The pool of a dataset, a snapshot or a volume. */
function poolOf(dataset: string): string {
  return dataset.split(/[/@#]/, 1)[0] as string;
}

/** Lines of a pool's own begin with its name, those of its vdevs with a tab; of these only paths are devices, the rest are groups (mirror-0). */
export function parseShape(text: string): Map<string, string[]> {
  const pools = new Map<string, string[]>();
  let members: string[] = [];
  for (const line of text.split('\n')) {
    const [first = '', second = ''] = line.split('\t');
    if (first !== '') {
      members = [];
      pools.set(first, members);
    } else if (second.trim().startsWith('/')) members.push(second.trim());
  }
  // A pool with no device is one that was not understood.
  for (const [name, paths] of pools) if (paths.length === 0) pools.delete(name);
  return pools;
}

/** Names hold no tab, and no other white space than blanks (zfsconcepts(7)). */
export function parseKeys(text: string): ZfsKey[] {
  const of = new Map<string, Record<string, string>>();
  for (const line of text.split('\n')) {
    const [dataset, property, value] = line.split('\t');
    if (!dataset || !property || value === undefined) continue;
    of.set(dataset, { ...of.get(dataset), [property]: value });
  }
  return [...of].flatMap(([dataset, { encryptionroot, keystatus, keylocation }]) =>
    encryptionroot === dataset ? [{ dataset, isLoaded: keystatus === 'available', location: keylocation ?? '' }] : [],
  );
}
