import { UserError } from '../model/errors.ts';
import type { Layer } from '../model/layer.ts';
import type { MiniatureMaker, MiniStep, Site } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';
import type { Sources } from '../model/sources.ts';
import { sortByNeeds, type Topology } from '../topology/graph.ts';

/** Where the miniature is built, before it becomes the root. */
export const ROOT = '/target';
/** Where the throwaway key lies while the miniature is built. */
export const KEY = '/run/rehearsal/key';

/** User Mode Linux has no more places for disks than this (arch/um/drivers/ubd_kern.c, MAX_DEV). */
const MOST_DISKS = 16;

interface MiniDisk {
  /** The node it is, or `plain:` and the node it stands in for. */
  readonly id: string;
  readonly guest: string;
  readonly megabytes: number;
}

/** How to make a miniature of a host, as data. */
export interface Recipe {
  readonly disks: readonly MiniDisk[];
  readonly steps: readonly MiniStep[];
  /** What could not be made, and what stands in for it. */
  readonly standIns: readonly { readonly node: string; readonly name: string; readonly reason: string }[];
  /** What was chosen because nothing tells it. */
  readonly notes: readonly string[];
  /** The nodes of the host that are part of the miniature. */
  readonly includes: ReadonlySet<string>;
  /** Where the guest finds each of them. */
  readonly paths: ReadonlyMap<string, string>;
}

/**
 * Plans the miniature of everything that `wanted` names, of what backs the root, and of all that these lie on.
 * @throws UserError when it would take more disks than a guest can have.
 */
export function makeRecipe(
  { src, graph }: { src: Sources; graph: Topology },
  { layers, wanted, has }: { layers: readonly Layer[]; wanted: ReadonlySet<string>; has: (tool: string) => boolean },
): Recipe {
  const makers = new Map(layers.flatMap((layer) => (layer.miniature ? [[layer.kind, layer.miniature] as const] : [])));
  const cast = chooseNodes(src, graph, wanted, makers);
  const room = roomFinder(src, graph, makers, cast);
  const bottoms = [...cast.includes].filter((id) => isDisk(graph.node(id)) || (cast.refused.has(id) && id.startsWith('dev:'))).sort();
  const plain = [...cast.refused.keys()].filter((id) => id.startsWith('mount:')).map((id) => `plain:${id}`);
  if (bottoms.length + plain.length > MOST_DISKS)
    throw new UserError(
      `a miniature of all this needs ${bottoms.length + plain.length} disks, and a guest can have ${MOST_DISKS}: name a TARGET to rehearse a part`,
    );
  const disks = [...bottoms, ...plain].map((id, index): MiniDisk => {
    const node = graph.node(id.replace(/^plain:/, '')) as Node;
    const megabytes = 4 + (id.startsWith('plain:') ? room(node.id) + 32 : room(id));
    return { id, guest: `/dev/ubd${String.fromCharCode(97 + index)}`, megabytes };
  });
  const site: Site = {
    src,
    graph,
    root: ROOT,
    key: KEY,
    path: (id) => {
      const disk = disks.find((each) => each.id === id);
      const node = graph.node(id);
      if (disk || !node) return disk?.guest ?? id;
      return makers.get(node.kind)?.path?.(node, site) ?? node.path;
    },
    room,
    includes: (id) => cast.includes.has(id) || disks.some((disk) => disk.id === id),
    has,
  };
  const made = layers.flatMap((layer) => {
    const nodes = graph.ofKind(layer.kind).filter((node) => cast.includes.has(node.id) && (!cast.refused.has(node.id) || node.kind === 'mount'));
    return layer.miniature?.steps(nodes, site) ?? [];
  });
  const steps = sortSteps([...made, ...rawData(graph, cast, site)], new Set(disks.map((disk) => disk.id)));
  return {
    disks,
    steps,
    standIns: [...cast.refused].map(([id, reason]) => ({ node: id, name: graph.node(id)?.path ?? id, reason })),
    notes: [...new Set(steps.flatMap((step) => step.notes ?? []))].sort(),
    includes: cast.includes,
    paths: new Map([...cast.includes].map((id) => [id, site.path(id)])),
  };
}

interface Cast {
  readonly includes: ReadonlySet<string>;
  /** Nodes that something plain stands in for, with the reason; what they lie on is not made. */
  readonly refused: ReadonlyMap<string, string>;
}

function chooseNodes(src: Sources, graph: Topology, wanted: ReadonlySet<string>, makers: ReadonlyMap<string, MiniatureMaker>): Cast {
  const includes = new Set<string>();
  const refused = new Map<string, string>();
  const add = (id: string): void => {
    const node = graph.node(id);
    if (!node || includes.has(id) || isTheGuestsOwn(node)) return;
    const maker = makers.get(node.kind);
    const reason = maker ? maker.refuses?.(node, src) : `${node.kind} cannot be made in miniature yet`;
    if (reason === undefined && node.kind === 'disk' && !carriesAny(graph, id, wanted)) return;
    includes.add(id);
    if (reason !== undefined) refused.set(id, reason);
    const isCut = reason !== undefined && node.kind !== 'mount';
    for (const below of isCut ? [] : graph.directlyBelow(id)) if (reason === undefined || graph.node(below)?.kind === 'mount') add(below);
  };
  for (const node of graph.nodes) if (wanted.has(node.id) || graph.pinned(node.id)) add(node.id);
  // A disk's partitions keep their numbers, so those with nothing on them are made too.
  for (const node of graph.ofKind('partition')) if (includes.has(node.below[0] as string) && isDisk(graph.node(node.below[0] as string))) includes.add(node.id);
  return { includes, refused };
}

/** Every guest has these by itself. */
function isTheGuestsOwn(node: Node): boolean {
  return node.kind === 'mount' && !node.wanted && /^\/(proc|sys|dev|run)(\/|$)/.test(node.path);
}

function isDisk(node: Node | undefined): boolean {
  return node?.kind === 'disk';
}

function carriesAny(graph: Topology, id: string, wanted: ReadonlySet<string>): boolean {
  return [...graph.above(id)].some((above) => wanted.has(above) || graph.pinned(above));
}

/** How large each node has to be: what stands on it says what it takes, from the top down. */
function roomFinder(src: Sources, graph: Topology, makers: ReadonlyMap<string, MiniatureMaker>, cast: Cast): (id: string) => number {
  const known = new Map<string, number>();
  const takes = (node: Node): number => makers.get(node.kind)?.room(node, room(node.id), src) ?? room(node.id);
  const room = (id: string): number => {
    const before = known.get(id);
    if (before !== undefined) return before;
    known.set(id, 0);
    const node = graph.node(id);
    const above = graph
      .directlyAbove(id)
      .flatMap((each) => graph.node(each) ?? [])
      .filter((each) => cast.includes.has(each.id) && each.below.includes(id) && !(each.kind === 'mount' && node?.kind === 'mount'));
    // Several mounts of one file system are that one file system.
    const mounts = above.filter((each) => each.kind === 'mount').map(takes);
    const others = above.filter((each) => each.kind !== 'mount').map(takes);
    const size = Math.max(0, ...mounts) + others.reduce((sum, each) => sum + each, 0);
    known.set(id, above.length === 0 && node?.kind !== 'mount' ? (node?.kind === 'partition' ? 1 : 4) : size);
    return known.get(id) as number;
  };
  return room;
}

/** What is open with nothing on it is filled as it is: it may be a key. */
function rawData(graph: Topology, cast: Cast, site: Site): MiniStep[] {
  const leaves = graph.nodes.filter(
    (node) =>
      ['crypt', 'lvm', 'md', 'dm'].includes(node.kind) &&
      cast.includes.has(node.id) &&
      !cast.refused.has(node.id) &&
      !node.facts.internal &&
      node.facts.type !== 'INTEGRITY' &&
      !graph.directlyAbove(node.id).some((above) => cast.includes.has(above)) &&
      !isThinPool(graph, node),
  );
  return leaves.map((node) => ({
    title: `fill ${node.path}`,
    id: `raw:${node.id}`,
    makes: [],
    needs: [node.id],
    make: [],
    again: [],
    data: { path: site.path(node.id), kilobytes: 256 },
  }));
}

function isThinPool(graph: Topology, node: Node): boolean {
  return node.below.some((id) => graph.node(id)?.facts.layer === 'tpool' && graph.node(id)?.facts.lv === node.facts.lv);
}

function sortSteps(steps: readonly MiniStep[], given: ReadonlySet<string>): MiniStep[] {
  const maker = new Map(steps.flatMap((step) => [[step.id, step.id] as const, ...step.makes.map((id) => [id, step.id] as const)]));
  const items = steps.map((step) => ({
    id: step.id,
    needs: [...new Set(step.needs.flatMap((need) => (given.has(need) ? [] : (maker.get(need) ?? []))))].filter((need) => need !== step.id),
  }));
  const byId = new Map(steps.map((step) => [step.id, step]));
  return sortByNeeds(items).map((id) => byId.get(id) as MiniStep);
}

/** What the guest's kernel has to load for a recipe. */
export function modulesOf(recipe: Recipe): string[] {
  return [...new Set(recipe.steps.flatMap((step) => step.modules ?? []))].sort();
}
