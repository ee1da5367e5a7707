import fc from 'fast-check';
import { FakeHost } from '../../unit/support/fake-host.ts';

export const KINDS = [
  'luks1',
  'luks2',
  'plain',
  'partition',
  'linear',
  'thin',
  'raid',
  'snapshot',
  'md0',
  'md1',
  'md5',
  'md10',
  'loop',
  'ext4',
  'xfs',
  'btrfs',
  'swap',
  'again',
  'over',
] as const;

export interface Move {
  readonly kind: (typeof KINDS)[number];
  readonly pick: readonly number[];
}

const move: fc.Arbitrary<Move> = fc.record({ kind: fc.constantFrom(...KINDS), pick: fc.array(fc.nat(1000), { minLength: 3, maxLength: 3 }) });

/** Names as the kernel has them: libdm writes what is no letter as \xNN. */
const MAPPED = ['plain', 'a\\x20b', 'it\\x27s', '\\x22q\\x22', '\\x24\\x28id\\x29', 'with-dash', 'und_er'];
const FOLDERS = ['plain', 'a b', "it's", '"q"', '$(id)', 'back\\slash', 'ünï', '-x'];

/** Disks that stacks are built on; one more carries the root. */
export const STACK_DISKS = 4;

/** A host of random real layers, each put on what is free. The same moves give the same host. */
export const randomStack: fc.Arbitrary<readonly Move[]> = fc.array(move, { minLength: 3, maxLength: 14 });

export function stackOf(moves: readonly Move[]): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  const free = Array.from({ length: STACK_DISKS }, () => host.disk());
  const places: string[] = [];
  for (const [index, { kind, pick }] of moves.entries()) play(host, { kind, pick, index, free, places });
  return host;
}

interface Turn extends Move {
  readonly index: number;
  readonly free: string[];
  readonly places: string[];
}

function play(host: FakeHost, { kind, pick, index, free, places }: Turn): void {
  const take = (count: number): string[] | undefined =>
    free.length < count ? undefined : pick.slice(0, count).map((number) => free.splice(number % free.length, 1)[0] as string);
  const choose = <T>(list: readonly T[]): T | undefined => list[(pick[2] as number) % list.length];
  const name = `${choose(MAPPED)}${index}`;
  const vg = `vg-${index}`;
  const newPlace = (): string => {
    const parent = (pick[1] as number) % 2 === 0 ? undefined : choose(places);
    const place = `${parent ?? '/srv'}/${choose(FOLDERS)}${index}`;
    places.push(place);
    return place;
  };
  const one = (use: (device: string) => void): void => {
    const [device] = take(1) ?? [];
    if (device !== undefined) use(device);
  };
  // LVM takes no PV on an LV unless its configuration says so (lvm.conf(5), devices/scan_lvs).
  const isLv = (device: string) => host.files.get(`/sys/block/${device}/dm/uuid`)?.startsWith('LVM-') === true;
  const takePvs = (count: number): string[] | undefined => {
    const usable = free.filter((device) => !isLv(device));
    if (usable.length < count) return undefined;
    const taken = pick.slice(0, count).map((number) => usable.splice(number % usable.length, 1)[0] as string);
    for (const device of taken) free.splice(free.indexOf(device), 1);
    return taken;
  };
  const onePv = (use: (pv: string) => void): void => {
    const [pv] = takePvs(1) ?? [];
    if (pv !== undefined) use(pv);
  };
  const array = (level: string, count: number): void => {
    const members = take(count);
    if (members) free.push(host.md(members, level));
  };
  switch (kind) {
    case 'luks1':
    case 'luks2':
    case 'plain':
      one((device) => free.push(host.crypt(device, name, kind.toUpperCase())));
      return;
    case 'partition': {
      const whole = free.findIndex((device) => /^(sd[b-z]|md\d+)$/.test(device));
      if (whole < 0) return;
      const [disk] = free.splice(whole, 1) as [string];
      free.push(host.partition(disk, 1), host.partition(disk, 2));
      return;
    }
    case 'linear':
      onePv((pv) => free.push(host.lv([pv], vg, 'one'), host.lv([pv], vg, 'two-x')));
      return;
    case 'thin':
      onePv((pv) => {
        const pool = host.lvPart([host.lv([pv], vg, 'pool_tmeta'), host.lv([pv], vg, 'pool_tdata')], vg, 'pool', 'tpool');
        free.push(host.lv([pool], vg, 'thin1'), host.lv([pool], vg, 'thin2'));
      });
      return;
    case 'raid': {
      const pvs = takePvs(2);
      if (pvs)
        free.push(
          host.lv(
            pvs.flatMap((pv, n) => [host.lv([pv], vg, `r_rmeta_${n}`), host.lv([pv], vg, `r_rimage_${n}`)]),
            vg,
            'r',
          ),
        );
      return;
    }
    case 'snapshot':
      onePv((pv) => {
        const real = host.lvPart([pv], vg, 'origin', 'real');
        const cow = host.lvPart([pv], vg, 'snap', 'cow');
        free.push(host.lv([real], vg, 'origin'));
        host.lv([real, cow], vg, 'snap');
      });
      return;
    case 'md0':
      array('raid0', 2);
      return;
    case 'md1':
      array('raid1', 2);
      return;
    case 'md5':
      array('raid5', 3);
      return;
    case 'md10':
      array('raid10', 2);
      return;
    case 'loop': {
      const place = choose(places);
      if (place !== undefined) free.push(host.loop(`${place}/${choose(FOLDERS)}${index}.img`, `mount:${place}`));
      return;
    }
    case 'ext4':
    case 'xfs':
      one((device) => host.mount([device], newPlace(), kind));
      return;
    case 'btrfs': {
      const members = take(2);
      if (members) host.mount(members, newPlace(), 'btrfs');
      return;
    }
    case 'swap':
      one((device) => host.swap(device));
      return;
    case 'again':
      one((device) => {
        host.mount([device], newPlace(), 'ext4');
        host.mount([device], newPlace(), 'ext4');
      });
      return;
    case 'over':
      one((device) => {
        const chosen = choose(places);
        const place = chosen === undefined || hasLoopFile(host, chosen) ? newPlace() : chosen;
        host.mount([device], place, 'ext4');
        // What it hides no path leads to any more.
        places.splice(0, places.length, ...places.filter((other) => !other.startsWith(`${place}/`)));
      });
      return;
    default:
      kind satisfies never;
  }
}

/**
 * Whether a loop device's file lies in a folder. What is mounted over that folder hides the file, which sysfs still calls by the same
 * name: no reader of sysfs can tell it from a file in the new mount.
 */
function hasLoopFile(host: FakeHost, folder: string): boolean {
  return [...host.files].some(([path, text]) => path.endsWith('/loop/backing_file') && text.startsWith(`${folder}/`));
}
