import type { Node } from '../model/node.ts';
import type { Topology } from '../topology/graph.ts';

/** Which nodes a teardown is about. */
export interface Selection {
  /** Everything it closes, now or in the exitrd. */
  readonly ids: ReadonlySet<string>;
  /** What would have to close but cannot: nobody knows how, or it was not asked for. Nothing below it is selected. */
  readonly blocked: ReadonlySet<string>;
  /** What was asked for and stays open because of that. */
  readonly kept: ReadonlySet<string>;
}

/** All outside the root, and all that backs the root (for the exitrd). Kernel-own mounts go only where they are in the way. */
export function selectAll(graph: Topology): Selection {
  return close(
    graph,
    graph.nodes.filter((node) => node.wanted && node.close !== 'never'),
  );
}

/**
 * For an exitrd there is no later: whatever can be closed is tried. The kernel's own mounts are moved aside before; overlays are
 * not, since they keep what carries them busy.
 */
export function selectForExitrd(graph: Topology): Selection {
  const isOurs = (node: Node) => node.close !== 'never' && !node.liveOnly && (node.wanted || node.facts.fstype === 'overlay');
  return { ids: new Set(graph.nodes.filter(isOurs).map((node) => node.id)), blocked: new Set(), kept: new Set() };
}

/** What stands on the targets, the targets, and downwards from them whatever only they were using. */
export function selectTargets(graph: Topology, targets: readonly Node[]): Selection {
  const chosen = close(
    graph,
    targets.flatMap((target) => wholeGroup(graph, target)),
  );
  const ids = new Set(chosen.ids);
  const isFree = freedBy(graph, ids);
  const todo = targets.filter((node) => isFree(node.id)).flatMap((node) => [...graph.directlyBelow(node.id)]);
  for (let id = todo.shift(); id !== undefined; id = todo.shift()) {
    const node = graph.node(id) as Node;
    if (ids.has(id) || graph.pinned(id) || !graph.directlyAbove(id).every(isFree)) continue;
    if (node.close !== 'never') {
      // A mount below is where the target was mounted, not something that was made for it.
      if (node.kind === 'mount' || node.kind === 'automount') continue;
      ids.add(id);
    }
    todo.push(...graph.directlyBelow(id));
  }
  return { ...chosen, ids };
}

/**
 * Whether nothing keeps a node open any more once `ids` are closed: it is closed itself, or it is a disk or a partition and all
 * that stands on it is. An LV's snapshot closes only together with its origin.
 */
export function freedBy(graph: Topology, ids: ReadonlySet<string>): (id: string) => boolean {
  const isFree = (id: string): boolean => {
    const node = graph.node(id);
    if (node?.kind === 'partition' || node?.kind === 'disk') return graph.directlyAbove(id).every(isFree);
    const isSnapshot = node?.kind === 'lvm' && node.close === 'implicit' && !node.facts.internal;
    if (isSnapshot) return graph.directlyBelow(id).every((below) => ids.has(below) || graph.node(below)?.facts.internal !== undefined);
    return ids.has(id);
  };
  return isFree;
}

/** A target with all that stands on it; the target alone when something on it cannot be closed, so that nothing is half closed. */
function wholeGroup(graph: Topology, target: Node): Node[] {
  const above = [...standingOn(graph, target.id)].map((id) => graph.node(id) as Node);
  const complete = graph.pinned(target.id) || !above.some((node) => isInTheWay(graph, node.id));
  return complete ? [target, ...above] : [target];
}

/** Selects the seeds with what stands on them, except where something there cannot be closed: then the seed is kept open. */
function close(graph: Topology, seeds: readonly Node[]): Selection {
  const ids = new Set<string>();
  const blocked = new Set<string>();
  const kept = new Set<string>();
  const add = (id: string) => graph.node(id)?.close !== 'never' && ids.add(id);
  for (const seed of seeds) {
    // What backs the running system is tried all the same: in the exitrd there is no later.
    if (graph.pinned(seed.id)) {
      add(seed.id);
      continue;
    }
    const above = standingOn(graph, seed.id);
    const inTheWay = [seed.id, ...above].filter((id) => isInTheWay(graph, id));
    if (inTheWay.length > 0) kept.add(seed.id);
    for (const id of inTheWay) blocked.add(id);
    if (inTheWay.length === 0) for (const id of [seed.id, ...above]) add(id);
  }
  return { ids, blocked, kept };
}

/**
 * All that stands on a node and has to go with it. The kernel's own mounts on the root (/proc, /dev) and overlays that live
 * on it alone are part of the running system: the exitrd moves them aside, nothing closes them.
 */
function standingOn(graph: Topology, from: string): Set<string> {
  const found = new Set<string>();
  const todo = [from];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    for (const above of graph.directlyAbove(id)) {
      const partOfRoot = graph.pinned(id) && graph.node(above)?.wanted === false;
      if (found.has(above) || partOfRoot) continue;
      found.add(above);
      todo.push(above);
    }
  }
  return found;
}

/** Partitions and disks need no closing; a device nobody understands, or swap nobody can turn off, stays. */
function isInTheWay(graph: Topology, id: string): boolean {
  const node = graph.node(id) as Node;
  return node.close === 'never' && !['partition', 'disk'].includes(node.kind);
}
