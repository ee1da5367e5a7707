import type { Layer } from '../model/layer.ts';
import type { MiniOp, MiniStep, Site } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';
import type { Sources } from '../model/sources.ts';

/** A mounted btrfs over one device or several. Its members are free, all together, when the last of its mounts ends. */
export const btrfs: Layer = {
  kind: 'btrfs',
  tools: [],
  discover: (src) =>
    src.btrfs.map(({ uuid, label, members }) => ({
      id: `btrfs:${uuid}`,
      kind: 'btrfs',
      name: label || uuid,
      path: `/sys/fs/btrfs/${uuid}`,
      facts: { uuid },
      below: members.map((kname) => `dev:${kname}`),
      close: 'implicit',
      wanted: true,
    })),
  assemble: (node) => `find the members of btrfs ${node.name}`,
  miniature: { room: (node, above) => above + (node.below.length > 1 ? 200 : 130), steps: (nodes, site) => nodes.map((node) => makeSmall(node, site)) },
};

/** Where a file system is mounted for a moment to make what has to be on it. */
const TOP = '/run/rehearsal/top';

/** The same members, label, UUID and subvolumes, and the profiles where they are known. */
function makeSmall(node: Node, site: Site): MiniStep {
  const devices = node.below.map((id) => site.path(id));
  const profile = (kind: string) => site.src.door.list(`${node.path}/allocation/${kind}`).find((name) => PROFILES.has(name));
  const data = profile('data');
  const metadata = profile('metadata');
  const subvolumes = subvolumesOf(node, site.src);
  const make: MiniOp[] = [
    {
      argv: [
        'mkfs.btrfs',
        '-q',
        '-f',
        '-U',
        node.facts.uuid as string,
        ...(node.name === node.facts.uuid ? [] : ['-L', node.name]),
        ...(data ? ['-d', data] : []),
        ...(metadata ? ['-m', metadata] : []),
        ...devices,
      ],
    },
    { argv: ['udevadm', 'settle'] },
    { argv: ['mkdir', '-p', TOP] },
    { argv: ['mount', '-t', 'btrfs', devices[0] as string, TOP] },
    ...subvolumes.flatMap((path): MiniOp[] => [
      { argv: ['mkdir', '-p', `${TOP}${path.slice(0, path.lastIndexOf('/'))}`] },
      { argv: ['btrfs', 'subvolume', 'create', `${TOP}${path}`] },
    ]),
    { argv: ['umount', TOP] },
  ];
  return {
    title: `make btrfs ${node.name} on ${devices.length} device${devices.length === 1 ? '' : 's'}`,
    id: node.id,
    makes: [node.id],
    needs: node.below,
    make,
    again: [{ argv: ['btrfs', 'device', 'scan', ...devices] }],
    checks: devices.map((device) => ({
      argv: ['btrfs', 'inspect-internal', 'dump-super', device],
      about: `log of btrfs ${node.name} on ${device}`,
      has: '(^|\n)log_root\\s+0\n',
    })),
    ...(data === undefined && { notes: ["btrfs profiles are not in this capture: mkfs.btrfs's defaults"] }),
  };
}

const PROFILES = new Set(['single', 'dup', 'raid0', 'raid1', 'raid1c3', 'raid1c4', 'raid10', 'raid5', 'raid6']);

/** Every subvolume that something is mounted from, the outer ones first. */
function subvolumesOf(node: Node, src: Sources): string[] {
  const members = new Set(node.below);
  const mounts = src.mounts.filter((entry) => entry.fstype === 'btrfs' && members.has(`dev:${src.knameOfPath(entry.source)}`));
  const paths = mounts.flatMap((entry) => /(?:^|,)subvol=(\/[^,]+)/.exec(entry.superOptions)?.[1] ?? []);
  return [...new Set(paths)].sort();
}
