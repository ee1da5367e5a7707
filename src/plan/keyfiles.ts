import type { KeyfileDevice } from '../model/keyfile.ts';
import { isMemberPool } from '../model/member-pool.ts';
import type { Node } from '../model/node.ts';
import type { CrypttabEntry, Sources } from '../model/sources.ts';
import type { Topology } from '../topology/graph.ts';
import { storageOf } from './storage.ts';

/** Where systemd mounts the device of a key given as `path:device` (systemd: src/cryptsetup/cryptsetup-generator.c). */
const KEYDEV = '/run/systemd/cryptsetup/keydev-';

/**
 * The open devices that hold keys of others: what crypttab's key fields and ZFS's keylocation lead to, what systemd mounted to read a key from and left, and
 * `listed` (names or paths). Nothing that backs the running system is among them.
 */
export function keyfileDevices(src: Sources, graph: Topology, listed: readonly string[] = []): KeyfileDevice[] {
  const devices = new Map<string, { node: Node; entries: Keyed[] }>();
  const add = (node: Node, entry?: Keyed) => {
    const known = devices.get(node.id) ?? { node, entries: [] };
    devices.set(node.id, known);
    if (entry) known.entries.push(entry);
  };
  for (const entry of keyed(src)) for (const node of keyCarriers(entry, src, graph)) add(node, entry);
  for (const node of graph.ofKind('crypt')) if (!graph.pinned(node.id) && (listed.includes(node.name) || listed.includes(node.path))) add(node);
  // What holds keys itself may have been closed for that, and nobody waits for it to come back.
  const isSpent = ({ name }: Keyed) => listed.includes(name) || src.crypttab.some(({ key }) => key === `/dev/mapper/${name}`);
  return [...devices.values()].map(({ node, entries }) => {
    const closed = entries.filter((entry) => !isSpent(entry) && !entry.isOpen);
    return { ...describe(node, closed, graph), opens: entries.map(({ name }) => name) };
  });
}

/** Something that is opened by a key, and where that lies. */
interface Keyed {
  readonly name: string;
  readonly key: string | undefined;
  readonly isOpen: boolean;
  /** A boot goes on without it. */
  readonly isOptional: boolean;
}

function keyed(src: Sources): Keyed[] {
  const mappings = src.crypttab.map(({ name, key, options }) => ({
    name,
    key,
    isOpen: src.knameOfPath(`/dev/mapper/${name}`) !== undefined,
    isOptional: options.some((option) => option === 'noauto' || option === 'nofail'),
  }));
  const datasets = src.zfs
    .flatMap((pool) => pool.keys)
    .map(({ dataset, isLoaded, location }) => ({
      name: dataset,
      // Taken as it stands, not as a URL (OpenZFS: lib/libzfs/libzfs_crypto.c, get_key_material_file).
      key: location.startsWith('file://') ? location.slice('file://'.length) : undefined,
      isOpen: isLoaded,
      isOptional: false,
    }));
  return [...mappings, ...datasets];
}

/** The open LUKS devices that a crypttab key field leads to: the mapping itself, or what lies below the mount of the file. */
export function keyCarriers(entry: Pick<CrypttabEntry, 'name' | 'key'>, src: Sources, graph: Topology): Node[] {
  const starts = [startOf(entry, src), ...src.mountsAt(`${KEYDEV}${entry.name}`).map((mount) => mount.id)];
  const found = starts.flatMap((start) => (start === undefined ? [] : storageOf(start, graph)));
  return [...new Set(found)].filter((node) => node.kind === 'crypt' && node.close === 'step' && !graph.pinned(node.id) && node.name !== entry.name);
}

function startOf({ key }: Pick<CrypttabEntry, 'key'>, src: Sources): string | undefined {
  if (!key?.startsWith('/')) return undefined;
  // `path:device`, as systemd reads it (crypttab(5)).
  const device = /^.*?:((?:\/dev\/|UUID=|LABEL=|PARTUUID=|PARTLABEL=).*)$/.exec(key)?.[1];
  const kname = device === undefined ? src.knameOfPath(key) : src.knameOfPath(linkOf(device));
  if (kname !== undefined) return `dev:${kname}`;
  return device === undefined ? src.mountHolding(key)?.id : undefined;
}

/** LABEL=keys is what udev links as /dev/disk/by-label/keys. */
function linkOf(device: string): string {
  const [, tag, value] = /^(UUID|LABEL|PARTUUID|PARTLABEL)=(.*)$/.exec(device) ?? [];
  return tag === undefined ? device : `/dev/disk/by-${tag.toLowerCase()}/${value}`;
}

function describe(node: Node, closed: readonly Keyed[], graph: Topology): Omit<KeyfileDevice, 'opens'> {
  return {
    id: node.id,
    name: node.name,
    path: node.path,
    waitsFor: closed.filter((entry) => !entry.isOptional).map(({ name }) => name),
    absent: closed.filter((entry) => entry.isOptional).map(({ name }) => name),
    usedBy: [...graph.above(node.id)].flatMap((id) => graph.node(id) ?? []).flatMap((above) => (isItsOwn(above, node, graph) ? [] : [above.path])),
  };
}

/** Its file system and the mounts of it. What was mounted or put into use on these is somebody's work. */
function isItsOwn(above: Node, node: Node, graph: Topology): boolean {
  if (isMemberPool(above)) return true;
  const liesOn = graph.directlyBelow(above.id).flatMap((id) => graph.node(id) ?? []);
  return above.kind === 'mount' && liesOn.some((below) => below.id === node.id || (isMemberPool(below) && graph.below(below.id).has(node.id)));
}
