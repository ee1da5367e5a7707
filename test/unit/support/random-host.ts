import fc from 'fast-check';
import { FakeHost } from './fake-host.ts';

/** Names nobody should use and somebody does. */
export const nastyName = fc
  .oneof(
    fc.constantFrom(
      'a b',
      "it's",
      '"q"',
      'new\nline',
      '$(reboot)',
      '`id`',
      '-rf',
      'back\\slash',
      '\\040',
      'ünï',
      '*',
      ';',
      '{}',
      'constructor',
      '__proto__',
      '12',
    ),
    fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }),
  )
  .map((name) => name.replace(/[/\0]/g, '_'))
  .filter((name) => name !== '.' && name !== '..' && name.trim() !== '');

interface Move {
  readonly kind: 'crypt' | 'plain' | 'lv' | 'md' | 'partition' | 'loop' | 'mount' | 'btrfs' | 'swap';
  readonly pick: readonly number[];
  readonly name: string;
}

const move: fc.Arbitrary<Move> = fc.record({
  kind: fc.constantFrom('crypt', 'plain', 'lv', 'md', 'partition', 'loop', 'mount', 'mount', 'btrfs', 'swap'),
  pick: fc.array(fc.nat(1000), { minLength: 1, maxLength: 3 }),
  name: nastyName,
});

/** A host of random nestings: each move stacks something on devices that are still free, or on a mount. */
export const randomHost: fc.Arbitrary<FakeHost> = fc
  .record({ disks: fc.integer({ min: 1, max: 6 }), rootDeep: fc.nat(4), moves: fc.array(move, { maxLength: 40 }) })
  .map(({ disks, rootDeep, moves }) => {
    const host = new FakeHost();
    const free: string[] = [];
    const places: { point: string; nodeId: string }[] = [];
    for (let i = 0; i < disks; i++) free.push(host.disk());
    let root = host.disk();
    for (let i = 0; i < rootDeep; i++) root = i % 2 === 0 ? host.crypt(root, `root${i}`) : host.lv([root], `rootvg${i}`, 'root');
    places.push({ point: '/', nodeId: host.mount([root], '/') });
    host.mount([], '/proc', 'proc');
    for (const [index, each] of moves.entries()) play(host, each, index, free, places);
    return host;
  });

function play(host: FakeHost, { kind, pick, name }: Move, index: number, free: string[], places: { point: string; nodeId: string }[]): void {
  const take = (count: number): string[] => pick.slice(0, count).flatMap((number) => (free.length > 0 ? free.splice(number % free.length, 1) : []));
  const place = places[(pick[0] as number) % places.length] as { point: string; nodeId: string };
  const unique = `${name}.${index}`;
  if (kind === 'loop') {
    free.push(host.loop(`${place.point === '/' ? '' : place.point}/${unique.replaceAll('\n', '_')}.img`, place.nodeId));
    return;
  }
  const [first, ...rest] = take(kind === 'md' || kind === 'btrfs' || kind === 'lv' ? 3 : 1);
  if (first === undefined) return;
  const all = [first, ...rest];
  // The kernel's names of mappings are mangled by libdm: no spaces, quotes or control characters are left.
  const mapped = unique.replace(/[^\w.:+-]/g, '_');
  switch (kind) {
    case 'crypt':
      free.push(host.crypt(first, mapped));
      break;
    case 'plain':
      free.push(host.plain(all, mapped));
      break;
    case 'lv': {
      const vg = `vg-${mapped.replace(/[^\w]/g, '')}`;
      free.push(host.lv(all, vg, 'one'), host.lv(all, vg, 'two-x'));
      break;
    }
    case 'md':
      free.push(host.md(all, 'raid1'));
      break;
    case 'partition':
      if (/^(dm-.*|sd[a-z]+\d+|.*\dp\d+)$/.test(first)) {
        free.push(first); // Device-mapper devices and partitions have no kernel partitions.
        break;
      }
      free.push(host.partition(first, 1), host.partition(first, 2));
      break;
    case 'mount':
    case 'btrfs': {
      const point = `${place.point === '/' ? '' : place.point}/${unique}`;
      places.push({ point, nodeId: host.mount(kind === 'mount' ? [first] : all, point, kind === 'mount' ? 'ext4' : 'btrfs') });
      break;
    }
    case 'swap':
      host.swap(first);
      break;
    default:
      kind satisfies never;
  }
}
