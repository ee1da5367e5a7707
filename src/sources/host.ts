import { realpathSync } from 'node:fs';
import { UserError } from '../model/errors.ts';
import { groupBy } from '../model/group-by.ts';
import type { Door, PlacedMount, Sources } from '../model/sources.ts';
import { readBcachefs } from './bcachefs.ts';
import { readBlocks } from './blocks.ts';
import { readBtrfs } from './btrfs.ts';
import { parseCrypttab } from './crypttab.ts';
import { readDrbd } from './drbd.ts';
import { parseFstab } from './fstab.ts';
import { readFuseServers } from './fuse.ts';
import { parseMountinfo } from './mountinfo.ts';
import { readMultipath } from './multipath.ts';
import { pathAndParents, placeMounts } from './places.ts';
import { parseSwaps } from './swaps.ts';
import { udevLinksOf } from './udev.ts';
import { readZfs } from './zfs.ts';

/**
 * Reads a host: block devices, mounts, swap, crypttab. One pass over /sys and /proc; other programs are only asked about ZFS pools and DRBD
 * resources, where there are some.
 * @throws UserError when the mount table or the swap table cannot be read or understood.
 */
export function readHost(door: Door): Sources {
  const blocks = readBlocks(door);
  const byKname = new Map(blocks.map((block) => [block.kname, block]));
  const byDmName = new Map(blocks.flatMap((block) => (block.dm ? [[block.dm.name, block.kname] as const] : [])));
  const mounts = placeMounts(parseMountinfo(readMountTable(door)));
  const byPath = groupBy(mounts, (mount) => mount.mountpoint);
  const visible = new Map<string, PlacedMount>();
  for (const mount of mounts) if (mount.coveredBy.length === 0) visible.set(mount.mountpoint, mount);
  const links = new Map<string, readonly string[]>();
  const udevLinks = (kname: string): readonly string[] => {
    const found = links.get(kname) ?? udevLinksOf(door, byKname.get(kname)?.sys ?? '');
    links.set(kname, found);
    return found;
  };
  const knameOfDevno = (devno: string): string | undefined => {
    if (devno.startsWith('0:')) return undefined;
    const name = door.link(`/sys/dev/block/${devno}`)?.split('/').pop();
    return name !== undefined && byKname.has(name) ? name : undefined;
  };
  const unseen: string[] = [];
  const multipaths = once(() => readMultipath(door, [...byDmName.keys()]));
  return {
    door,
    host: hostName(door),
    blocks,
    mounts,
    btrfs: readBtrfs(door),
    bcachefs: readBcachefs(door),
    zfs: readZfs(door),
    drbd: readDrbd(door, blocks),
    swaps: parseSwaps(door.text('/proc/swaps') ?? ''),
    crypttab: parseCrypttab(door.text('/etc/crypttab') ?? ''),
    fstab: once(() => parseFstab(door.text('/etc/fstab') ?? '')),
    fuseServers: once(() => readFuseServers(door, mounts)),
    multipath: (name) => multipaths().get(name),
    programPaths: programPaths(door, unseen),
    unseen,
    block: (kname) => byKname.get(kname),
    knameOfDevno,
    knameOfPath: (path) => {
      const rest = path.startsWith('/dev/') ? path.slice(5) : undefined;
      if (!rest) return undefined;
      const direct = rest.startsWith('mapper/') ? byDmName.get(rest.slice(7)) : undefined;
      const kname = direct ?? rest.replaceAll('/', '!');
      if (byKname.has(kname)) return kname;
      return (
        blocks.find((block) => lvmPath(block) === rest)?.kname ??
        linkedKname(door, path, byKname) ??
        blocks.find((block) => udevLinks(block.kname).includes(rest))?.kname
      );
    },
    mountHolding: (path) => {
      for (const at of pathAndParents(path)) {
        const mount = visible.get(at);
        if (mount) return mount;
      }
      return undefined;
    },
    mountsAt: (path) => byPath.get(path) ?? [],
    udevLinks,
  };
}

function lvmPath(block: { dm?: { lvm?: { vg: string; lv: string; layer: string } } }): string | undefined {
  const lvm = block.dm?.lvm;
  return lvm && lvm.layer === '' ? `${lvm.vg}/${lvm.lv}` : undefined;
}

/** A link below /dev, followed: on a running host it is there even when udev's database is not. */
function linkedKname(door: Door, path: string, known: ReadonlyMap<string, unknown>): string | undefined {
  if (!door.live) return undefined;
  try {
    const kname = realpathSync(path).slice('/dev/'.length).replaceAll('/', '!');
    return known.has(kname) ? kname : undefined;
  } catch {
    return undefined;
  }
}

/**
 * The kernel hands mountinfo out in pieces, and a mount made or gone in between can tear it. Two equal readings in a
 * row are whole.
 */
function readMountTable(door: Door): string {
  const path = '/proc/self/mountinfo';
  let last = door.text(path);
  for (let tries = 0; door.live && tries < 10; tries++) {
    const again = door.text(path);
    if (again === last) break;
    last = again;
  }
  if (last === undefined) {
    throw new UserError(
      `${door.live ? '' : door.root}${path} cannot be read: ${door.live ? 'mount /proc first' : 'this is not a capture; make one with "uninitramfs capture"'}`,
    );
  }
  return last;
}

function hostName(door: Door): string {
  return door.text('/proc/sys/kernel/hostname') ?? door.text('/etc/hostname') ?? 'localhost';
}

/** Where a capture keeps the path of the program that made it. */
export const PROGRAM = '/proc/self/uninitramfs';

/** What the running system lives on. A capture keeps the links it was made under. */
function programPaths(door: Door, unseen: string[]): string[] {
  const paths = ['/', '/usr'];
  const self = door.link('/proc/self/exe');
  if (self) paths.push(self);
  const script = door.live ? process.argv[1] : door.link(PROGRAM);
  if (script) paths.push(script);
  const init = door.link('/proc/1/exe');
  if (init) paths.push(init);
  else if (door.live) unseen.push('the program of PID 1 (its file system is taken to be / or /usr)');
  return paths;
}

function once<T>(compute: () => T): () => T {
  let value: { is: T } | undefined;
  return () => {
    value ??= { is: compute() };
    return value.is;
  };
}
