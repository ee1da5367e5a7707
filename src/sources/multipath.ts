import type { Door, MultipathMap } from '../model/sources.ts';

/** Of all multipath maps at once, from the kernel's memory; names as the kernel has them (dmsetup(8)). */
const ask = (what: 'status' | 'table') => ['dmsetup', what, '--target', 'multipath', '--manglename', 'none'];

/** What the kernel knows of its multipath maps; no map is in it that was not understood, and none at all without root. */
export function readMultipath(door: Door, names: readonly string[]): ReadonlyMap<string, MultipathMap> {
  const status = door.answer(ask('status')) ?? '';
  const table = door.answer(ask('table')) ?? '';
  return new Map(
    names.flatMap((name) => {
      const map = parseMultipath(lineOf(name, status), lineOf(name, table));
      return map ? [[name, map] as const] : [];
    }),
  );
}

/** The words behind `NAME: `. A name may hold that colon and blank itself, so what follows must look like a table. */
function lineOf(name: string, text: string): string[] {
  const line = text.split('\n').find((each) => each.startsWith(`${name}: `) && /^\d+ \d+ multipath /.test(each.slice(name.length + 2)));
  return (
    line
      ?.slice(name.length + 2)
      .trim()
      .split(/\s+/) ?? []
  );
}

/**
 * Reads a map's lines in `dmsetup status` and `dmsetup table` (kernel: drivers/md/dm-mpath.c, multipath_status):
 * `START LENGTH multipath`, then counted lists of features and of the handler's words, the number of path groups, the next one, and for each group its
 * state, a counted list, the number of paths, how many words of its own each path has, and the paths: `DEVICE A|F FAILURES WORD…`.
 */
export function parseMultipath(status: readonly string[], table: readonly string[]): MultipathMap | undefined {
  const dead: { index: number; text: string }[] = [];
  let at = 3;
  let alive = 0;
  const number = (): number => {
    const word = status[at++] ?? '';
    if (!/^\d{1,6}$/.test(word)) at = Number.NaN;
    return Number(word);
  };
  const skipList = (): void => {
    const count = number();
    at += count;
  };
  const fixed = (): number => {
    dead.push({ index: at, text: status[at] ?? '' });
    return number();
  };
  skipList();
  skipList();
  const groups = fixed();
  at++;
  let paths = 0;
  for (let group = 0; group < groups; group++) {
    at++;
    skipList();
    const here = fixed();
    const words = number();
    if (Number.isNaN(at)) return undefined;
    for (let path = 0; path < here; path++, at += 3 + words) {
      const state = status[at + 1];
      if (state !== 'A' && state !== 'F') return undefined;
      if (state === 'A') alive++;
      // A living path is found first: then nothing else has to be asked.
      dead.unshift({ index: at + 1, text: 'F' });
      paths++;
    }
  }
  if (at !== status.length) return undefined;
  const features = table.slice(4, 4 + Number(table[3]));
  return { queues: features.includes('queue_if_no_path'), paths, alive, dead };
}
