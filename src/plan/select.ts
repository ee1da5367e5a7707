import type { Node } from '../model/node.ts';
import type { Topology } from '../topology/graph.ts';

/** Which nodes a teardown is about. */
export interface Selection {
  /** Everything it closes, now or in the exitrd. */
  readonly ids: ReadonlySet<string>;
  /** What would have to close but cannot: nobody knows how, or it was not asked for. Nothing below it is selected. */
  readonly blocked: ReadonlySet<string>;
}

/** All outside the root, and all that backs the root (for the exitrd). Kernel-own mounts go only where they are in the way. */
export function selectAll(graph: Topology): Selection {
  return close(
    graph,
    graph.nodes.filter((node) => node.wanted && node.close !== 'never'),
  );
}

/** What stands on the targets, the targets, and downwards from them whatever only they were using. */
export function selectTargets(graph: Topology, targets: readonly Node[]): Selection {
  const chosen = close(graph, targets.filter((node) => node.close !== 'never').concat(targets.flatMap((node) => aboveOf(graph, node))));
  const ids = new Set(chosen.ids);
  const todo = targets.flatMap((node) => [...graph.directlyBelow(node.id)]);
  for (let id = todo.shift(); id !== undefined; id = todo.shift()) {
    const node = graph.node(id) as Node;
    const unused = graph.directlyAbove(id).every((above) => ids.has(above) || targets.some((target) => target.id === above));
    if (ids.has(id) || !unused || graph.pinned(id)) continue;
    if (node.close !== 'never') {
      // A mount below is where the target was mounted, not something that was made for it.
      if (node.kind === 'mount' || node.kind === 'automount') continue;
      ids.add(id);
    }
    todo.push(...graph.directlyBelow(id));
  }
  return { ids, blocked: chosen.blocked };
}

/** The targets themselves, or what stands on them where they are nothing to close. */
function aboveOf(graph: Topology, node: Node): Node[] {
  return [...standingOn(graph, node.id)].map((id) => graph.node(id) as Node).filter((above) => above.close !== 'never');
}

/** Adds what stands on the seeds, and takes out whatever has something unclosable above it. */
function close(graph: Topology, seeds: readonly Node[]): Selection {
  const ids = new Set<string>();
  const blocked = new Set<string>();
  for (const seed of seeds) {
    const above = [...standingOn(graph, seed.id)];
    // What backs the running system is tried all the same: in the exitrd there is no later.
    const inTheWay = graph.pinned(seed.id) ? [] : above.filter((id) => isInTheWay(graph, id));
    if (inTheWay.length > 0) for (const id of inTheWay) blocked.add(id);
    else for (const id of [seed.id, ...above]) if (graph.node(id)?.close !== 'never') ids.add(id);
  }
  return { ids, blocked };
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
