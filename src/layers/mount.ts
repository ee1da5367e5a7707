import type { Finding } from '../model/finding.ts';
import type { GraphView } from '../model/graph-view.ts';
import type { Layer } from '../model/layer.ts';
import { isMemberPool } from '../model/member-pool.ts';
import { isNameable } from '../model/nameable.ts';
import type { Node } from '../model/node.ts';
import type { PlacedMount, Sources } from '../model/sources.ts';
import type { Argv } from '../model/step.ts';
import { mountMiniature } from './mount-miniature.ts';

/** File systems of the kernel's own that hold nothing of the user's; unmounted only when they are in the way. */
const KERNEL_OWN = new Set(
  'proc sysfs tmpfs ramfs rootfs devtmpfs devpts cgroup cgroup2 pstore bpf tracefs debugfs securityfs configfs fusectl mqueue hugetlbfs binfmt_misc efivarfs nsfs rpc_pipefs nfsd resctrl cpuset xenfs functionfs selinuxfs smackfs'.split(
    ' ',
  ),
);

/** Mounts of every kind: of block devices, bind, nested, over-mounted, overlay, fuse, network. */
export const mount: Layer = {
  kind: 'mount',
  tools: ['umount'],
  discover: (src) => src.mounts.filter((entry) => entry.fstype !== 'autofs').map((entry) => describe(entry, src)),
  // What covers a mount point has to go before umount can reach what is mounted there.
  edges: (src) => src.mounts.flatMap((entry) => entry.coveredBy.map((cover) => ({ above: cover, below: entry.id }))),
  teardown: (nodes, graph) =>
    nodes.map((node) => ({
      title: `unmount ${node.path}${node.facts.stacked ? ` (${node.facts.source})` : ''}`,
      id: `umount:${node.id.slice('mount:'.length)}`,
      node: node.id,
      closes: [node.id],
      unless: { is: 'not', of: { is: 'mounted', path: node.path, ...(node.facts.stacked && { mountId: Number(node.facts.stacked) }) } },
      ops: [{ op: 'run', argv: ['umount', node.path], retrySeconds: 3 }],
      seconds: 60,
      ...writeback(node, graph),
      // Unmounting one of several at a path reaches, by propagation, the same pile elsewhere: two at once would take the next one too.
      ...(node.facts.stacked && { exclusive: 'stacked-mounts' }),
      onFail: 'stop',
    })),
  assemble: (node) => `mount ${node.path} (${node.facts.fstype})`,
  miniature: mountMiniature,
  findings: (nodes) => nodes.flatMap(remarks),
};

function describe(entry: PlacedMount, src: Sources): Node {
  const carriers = carriersOf(entry, src);
  return {
    id: entry.id,
    kind: 'mount',
    name: entry.mountpoint,
    path: entry.mountpoint,
    facts: {
      fstype: entry.fstype,
      source: entry.source,
      fsRoot: entry.fsRoot,
      options: entry.options,
      ...(entry.coveredBy.length > 0 && { covered: 'yes' }),
      // Several mounts at one path can only be told apart by their number.
      ...(src.mountsAt(entry.mountpoint).length > 1 && { stacked: String(entry.mountId) }),
    },
    below: [...(entry.parent ? [entry.parent] : []), ...carriers],
    close: isNameable(entry.mountpoint) ? 'step' : 'never',
    // An overlay is worth closing for what carries it; on the root alone it is part of the root.
    wanted: !KERNEL_OWN.has(entry.fstype) && entry.fstype !== 'overlay',
  };
}

/** Unmounting writes back what is dirty, which may take longer than any bound: the devices' own counters tell whether it moves. */
function writeback(node: Node, graph: GraphView): { progress?: Argv } {
  const members = node.below.flatMap((id) => (isMemberPool(graph.node(id)) ? (graph.node(id)?.below ?? []) : [id]));
  const counters = members.flatMap((id) => graph.node(id)?.kname ?? []).map((kname) => `/sys/class/block/${kname}/stat`);
  // Reads and writes completed, and sectors; the other fields move by being read while something hangs (kernel: block/genhd.c).
  return counters.length > 0 ? { progress: ['awk', '{print $1, $3, $5, $7}', ...counters.sort()] } : {};
}

function remarks(node: Node): Finding[] {
  const remark = (code: string, severity: Finding['severity'], text: string, fix: string): Finding[] => [{ code, severity, text, fix, node: node.id }];
  if (!isNameable(node.path)) {
    return remark(
      'unnameable-mount',
      'warning',
      `${JSON.stringify(node.path)} is not valid UTF-8: no command of this program can name it, so it stays`,
      'unmount it by hand',
    );
  }
  if (node.facts.covered && node.wanted) {
    return remark(
      'covered-mount',
      'info',
      `${node.path} (${node.facts.source}) is covered by a later mount`,
      'nothing to do: the later mount is taken off first',
    );
  }
  return [];
}

/** The devices, or the btrfs, that carry a mount's superblock. */
export function carriersOf(entry: PlacedMount, src: Sources): string[] {
  if (KERNEL_OWN.has(entry.fstype) || entry.fstype === 'overlay') return [];
  // Its source is the dataset, or a snapshot of it.
  if (entry.fstype === 'zfs') return [`zpool:${entry.source.split(/[/@]/, 1)[0]}`];
  const own = src.knameOfDevno(entry.devno);
  if (own) return [`dev:${own}`, ...logDevices(entry, src)];
  // btrfs and bcachefs have device numbers of their own and name one member, or all with colons between.
  const named = [...new Set([entry.source, ...entry.source.split(':')])].flatMap((path) => src.knameOfPath(path) ?? []);
  if (entry.fstype === 'bcachefs') return bcachefsOf(named, src);
  const pool = src.btrfs.find((each) => named.some((kname) => each.members.includes(kname)));
  return pool && entry.fstype === 'btrfs' ? [`btrfs:${pool.uuid}`] : named.map((kname) => `dev:${kname}`);
}

/** A name may lead nowhere any more (a member was renamed, a colon is part of a name). Then it may be any of them, and each has to wait for this mount. */
function bcachefsOf(named: readonly string[], src: Sources): string[] {
  const pool = src.bcachefs.find((each) => named.some((kname) => each.members.includes(kname)));
  const pools = pool ? [pool] : src.bcachefs;
  return [...pools.map(({ uuid }) => `bcachefs:${uuid}`), ...(pool ? [] : named.map((kname) => `dev:${kname}`))];
}

/** A journal or a real-time section on a device of its own (xfs(5)). */
function logDevices(entry: PlacedMount, src: Sources): string[] {
  return entry.superOptions.split(',').flatMap((option) => {
    const path = /^(?:logdev|rtdev)=(.+)$/.exec(option)?.[1];
    const kname = path ? src.knameOfPath(path) : undefined;
    return kname ? [`dev:${kname}`] : [];
  });
}
