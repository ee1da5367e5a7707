import type { Node } from '../model/node.ts';
import { EFI_FOLDER, EFI_RECEIPT, NO_RECEIPT, type ReceiptPlace } from '../model/receipt.ts';
import type { BlockDevice, PlacedMount, Sources } from '../model/sources.ts';
import type { Topology } from '../topology/graph.ts';

/** `why` there can be no receipt, for a person. */
export type FoundPlace = { readonly is: 'none' } | { readonly is: 'impossible'; readonly why: string } | { readonly is: 'place'; readonly place: ReceiptPlace };

/** What is there at the very end without being opened. */
const GROUND = ['disk', 'partition'];

/**
 * Where the receipt of the setting is written in an exitrd, when nothing is mounted or open any more.
 * @param setting of the configuration: off, efi, or a path.
 * @param hasHelper whether the exitrd holds the program of helper.c.
 */
export function findReceiptPlace(setting: string, src: Sources, graph: Topology, hasHelper: boolean): FoundPlace {
  if (setting === NO_RECEIPT) return { is: 'none' };
  const why = setting === EFI_RECEIPT ? whyNoVariable(src, hasHelper) : undefined;
  if (why !== undefined) return { is: 'impossible', why };
  if (setting === EFI_RECEIPT) return { is: 'place', place: { kind: 'efi' } };
  const found = filePlace(setting, src, graph);
  return typeof found === 'string' ? { is: 'impossible', why: found } : { is: 'place', place: found };
}

function whyNoVariable({ door }: Sources, hasHelper: boolean): string | undefined {
  if (!door.exists('/sys/firmware/efi')) return 'this machine was not started by EFI firmware: name a file';
  if (!(door.text('/proc/filesystems') ?? '').includes('efivarfs')) return `the kernel has no efivarfs: mount -t efivarfs efivarfs ${EFI_FOLDER}`;
  return hasHelper ? undefined : 'it takes uninitramfs-helper, which was not built: name a file';
}

function filePlace(path: string, src: Sources, graph: Topology): ReceiptPlace | string {
  const mount = src.mountHolding(path);
  if (!mount) return `nothing is mounted that holds ${path}`;
  const node = graph.node(mount.id);
  const [device, ...more] = node ? storage(node, graph) : [];
  if (!device) return `${path} is on ${mount.mountpoint}, a ${mount.fstype}, which is no file system on a disk`;
  const stack = [device.id, ...graph.below(device.id)].flatMap((id) => graph.node(id) ?? []);
  const closed = stack.filter(({ kind, facts }) => !GROUND.includes(kind) && !(kind === 'md' && isPlain(facts.metadata)));
  const gone = ['loop', 'crypt'].flatMap((kind) => closed.find((each) => each.kind === kind) ?? [])[0] ?? closed[0];
  if (gone) return `${path} lies on ${gone.kind === 'crypt' ? 'the encrypted ' : ''}${gone.path}, which is closed by then: name a path on a disk in the clear`;
  const block = device.kname === undefined ? undefined : src.block(device.kname);
  if (!block || more.length > 0) return `${path} lies on several devices: name a path on one`;
  if (block.partitionOf !== undefined && graph.node(`dev:${block.partitionOf}`)?.kind === 'md')
    return `${path} lies on a partition of ${block.partitionOf}: name a path on a disk or a whole array`;
  const array = arrayOf(block, device, src);
  if (array === 'nested') return `${path} lies on ${device.path}, an array on arrays: name a path on a disk`;
  return {
    kind: 'file',
    device: block.devPath,
    fstype: mount.fstype,
    options: ['nosuid', 'nodev', 'noexec', ...(mount.fstype === 'btrfs' ? ['subvolid=5'] : [])],
    path: withinFileSystem(path, mount),
    ...(array && { array }),
    disks: disksBelow(block, src),
  };
}

/** The devices that a mount's own file system lies on. */
function storage(node: Node, graph: Topology): Node[] {
  const direct = graph.directlyBelow(node.id).flatMap((id) => graph.node(id) ?? []);
  const pool = direct.find(({ kind }) => kind === 'btrfs');
  const members = pool ? graph.directlyBelow(pool.id).flatMap((id) => graph.node(id) ?? []) : direct;
  return members.filter(({ kname }) => kname !== undefined);
}

/** The superblocks of others are their own programs' to read. */
function isPlain(metadata = ''): boolean {
  return /^\d+\.\d+$/.test(metadata);
}

function arrayOf({ sys, slaves }: BlockDevice, { kind, facts, kname }: Node, src: Sources) {
  if (kind !== 'md' || kname === undefined) return undefined;
  const members = slaves.flatMap((slave) => src.block(slave) ?? []);
  if (members.length !== slaves.length || members.some(({ slaves }) => slaves.length > 0)) return 'nested' as const;
  return {
    kname,
    metadata: facts.metadata ?? src.door.text(`${sys}/md/metadata_version`) ?? '',
    members: members.flatMap((each) => src.door.text(`${each.sys}/dev`) ?? []),
  };
}

function disksBelow(block: BlockDevice, src: Sources): { file: string; number: string }[] {
  const ground = block.slaves.length > 0 ? block.slaves.flatMap((slave) => src.block(slave) ?? []) : [block];
  const files = new Set(ground.map(({ kname, partitionOf }) => `/sys/block/${partitionOf ?? kname}/diskseq`));
  // Before Linux 5.15 there is no such number.
  return [...files].flatMap((file) => {
    const number = src.door.text(file);
    return number === undefined ? [] : [{ file, number }];
  });
}

function withinFileSystem(path: string, { fsRoot, mountpoint }: PlacedMount): string {
  const below = mountpoint === '/' ? path : path.slice(mountpoint.length);
  return `${fsRoot === '/' ? '' : fsRoot}${below}`;
}
