import { groupBy } from '../model/group-by.ts';
import type { MiniatureMaker, MiniOp, MiniStep, Site } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';
import type { Argv } from '../model/step.ts';

/** Volume groups and volumes of the same names and, as far as lvm2's names below a volume tell, of the same type. */
export const lvmMiniature: MiniatureMaker = {
  // What lvm2 makes below a volume only hands on what is asked of it; extents, metadata and a spare for pools come on top.
  room: (node, above) => (node.facts.internal ? above : above + 16),
  steps: (nodes, site) => [...groupBy(nodes, (node) => node.facts.vg as string)].flatMap(([vg, all]) => makeGroup(vg, all, site)),
};

const MODULES: Readonly<Record<string, readonly string[]>> & { readonly thin: readonly string[] } = {
  thin: ['dm-thin-pool'],
  snapshot: ['dm-snapshot'],
  mirror: ['dm-mirror'],
  raid0: ['raid0', 'dm-raid'],
  raid1: ['raid1', 'dm-raid'],
  raid5: ['raid456', 'dm-raid'],
  cache: ['dm-cache', 'dm-cache-smq'],
  writecache: ['dm-writecache'],
};

function makeGroup(vg: string, nodes: readonly Node[], site: Site): MiniStep[] {
  const disks = [...new Set(nodes.flatMap((node) => volumesBelow(node, vg, site)))];
  const devices = disks.map((id) => site.path(id));
  const id = `vg:${vg}`;
  const group: MiniStep = {
    title: `make VG ${vg} on ${devices.length} device${devices.length === 1 ? '' : 's'}`,
    id,
    makes: [],
    needs: disks,
    make: [{ argv: ['pvcreate', '-q', '-ff', '-y', ...(devices as [string, ...string[]])] }, { argv: ['vgcreate', '-q', '-s', '1M', vg, ...devices] }],
    again: [{ argv: ['udevadm', 'settle'] }, { argv: ['vgchange', '-q', '-ay', vg] }],
    notes: ['LVM: sizes shrink, extents are 1 MiB, and what sysfs does not tell (stripes, raid levels by number of images) is chosen'],
  };
  const visible = nodes.filter((node) => !node.facts.internal);
  const pools = new Set(visible.flatMap((node) => poolOf(node, site) ?? []));
  const poolSteps = [...pools].map((pool) => makePool(vg, pool, visible, site, id));
  const volumes = visible.filter((node) => !pools.has(node.facts.lv as string)).map((node) => makeVolume(node, nodes, site, id));
  return [group, ...poolSteps, ...volumes];
}

/** The devices that a volume of this group lies on, through whatever lvm2 put in between. */
function volumesBelow(node: Node, vg: string, site: Site): string[] {
  return node.below.flatMap((id) => {
    const below = site.graph.node(id);
    return below?.kind === 'lvm' && below.facts.vg === vg ? volumesBelow(below, vg, site) : [id];
  });
}

/** lvm2's own devices directly below a volume. */
function parts(node: Node, site: Site): Node[] {
  return node.below.flatMap((id) => site.graph.node(id) ?? []).filter((below) => below.kind === 'lvm' && below.facts.internal !== undefined);
}

function poolOf(node: Node, site: Site): string | undefined {
  return parts(node, site).find((part) => part.facts.layer === 'tpool')?.facts.lv;
}

function makePool(vg: string, pool: string, visible: readonly Node[], site: Site, group: string): MiniStep {
  const thin = visible.filter((node) => poolOf(node, site) === pool && node.facts.lv !== pool);
  const size = thin.reduce((sum, node) => sum + site.room(node.id), 8);
  return {
    title: `make thin pool ${vg}/${pool}`,
    id: `pool:${vg}/${pool}`,
    makes: visible.filter((node) => node.facts.lv === pool).map((node) => node.id),
    needs: [group],
    make: [{ argv: ['lvcreate', '-q', '-y', '--type', 'thin-pool', '-n', pool, '-L', `${size}M`, vg] }],
    again: [],
    modules: MODULES.thin,
  };
}

function makeVolume(node: Node, all: readonly Node[], site: Site, group: string): MiniStep {
  const { vg = '', lv = '' } = node.facts;
  const size = ['-L', `${site.room(node.id)}M`];
  const pool = poolOf(node, site);
  const origin = originOf(node, all, site);
  const create = (...args: string[]): MiniOp => ({ argv: ['lvcreate', '-q', '-y', ...args] as unknown as Argv });
  const make = ((): [kind: string, ...MiniOp[]] => {
    if (pool) return ['thin', create('-V', `${site.room(node.id)}M`, '-T', `${vg}/${pool}`, '-n', lv)];
    // Whatever the origin changes from now on is kept here as well.
    if (origin) return ['snapshot', create('-s', '-n', lv, '-L', `${site.room(node.id) + 12}M`, `${vg}/${origin.facts.lv}`)];
    if (node.facts.cache) return cached(node, site, create);
    const { type, args } = redundancy(parts(node, site));
    return [type, create('-n', lv, ...args, ...size, vg)];
  })();
  const [kind, ...ops] = make;
  return {
    title: `make LV ${node.name} (${kind})`,
    id: `lv:${node.name}`,
    makes: [node.id],
    needs: [group, ...(pool ? [`pool:${vg}/${pool}`] : []), ...(origin ? [origin.id, `mkfs:${origin.id}`] : [])],
    make: [...ops, { until: node.path }],
    again: [{ until: node.path }],
    modules: MODULES[kind] ?? [],
  };
}

/** The volume a snapshot was taken of: both lie on the origin's `-real` layer, the snapshot on a `-cow` as well. */
function originOf(node: Node, all: readonly Node[], site: Site): Node | undefined {
  const below = parts(node, site);
  if (!below.some((part) => part.facts.layer === 'cow' && part.facts.lv === node.facts.lv)) return undefined;
  const real = below.find((part) => part.facts.layer === 'real');
  return all.find((other) => other.facts.lv === real?.facts.lv && !other.facts.internal);
}

/** Two images are a mirror; of more, nothing tells the level, and raid5 is the likeliest. */
function redundancy(below: readonly Node[]): { type: string; args: string[] } {
  const count = (pattern: RegExp) => below.filter((part) => pattern.test(part.facts.lv ?? '')).length;
  const images = count(/_rimage_\d+$/);
  if (images >= 2 && count(/_rmeta_\d+$/) === 0) return { type: 'raid0', args: ['--type', 'raid0', '-i', String(images)] };
  if (images === 2) return { type: 'raid1', args: ['--type', 'raid1', '-m', '1'] };
  if (images > 2) return { type: 'raid5', args: ['--type', 'raid5', '-i', String(images - 1)] };
  const legs = count(/_mimage_\d+$/);
  if (legs >= 2) return { type: 'mirror', args: ['--type', 'mirror', '-m', String(legs - 1), '--mirrorlog', 'core'] };
  return { type: 'linear', args: [] };
}

function cached(node: Node, site: Site, create: (...args: string[]) => MiniOp): [kind: string, ...MiniOp[]] {
  const { vg = '', lv = '', cache = '' } = node.facts;
  const pool = cacheName(parts(node, site)) ?? `${lv}_fast`;
  const origin = create('-n', lv, '-L', `${site.room(node.id)}M`, vg);
  if (cache === 'writecache') {
    return [
      cache,
      origin,
      create('-an', '-n', pool, '-L', '12M', vg),
      { argv: ['lvconvert', '-q', '-y', '--type', 'writecache', '--cachevol', pool, `${vg}/${lv}`] },
    ];
  }
  return [
    cache,
    origin,
    create('--type', 'cache-pool', '-n', pool, '-L', '12M', vg),
    { argv: ['lvconvert', '-q', '-y', '--type', 'cache', '--cachemode', 'writeback', '--cachepool', `${vg}/${pool}`, `${vg}/${lv}`] },
  ];
}

/** What the fast volume was called, of the names lvm2 made from it. */
function cacheName(below: readonly Node[]): string | undefined {
  return below.flatMap((part) => /^(.+?)(?:_cpool)?_(?:cdata|cvol)$/.exec(part.facts.lv ?? '')?.[1] ?? [])[0];
}
