import { alg, Graph } from '@dagrejs/graphlib';
import { UserError } from '../model/errors.ts';
import type { GraphView } from '../model/graph-view.ts';
import { groupBy } from '../model/group-by.ts';
import type { Edge, Node } from '../model/node.ts';

/** What lies on what, on one host. Edges lead from what stands above to what it lies on. */
export interface Topology extends GraphView {
  /** Sorted by id. */
  readonly nodes: readonly Node[];
  /** Direct neighbours. */
  directlyAbove(id: string): readonly string[];
  directlyBelow(id: string): readonly string[];
}

/**
 * Builds the graph from nodes (with what they name as `below`) and further edges. An edge to something that was not
 * found is left out; `pinnedRoots` are the nodes the running system cannot lose.
 * @throws UserError naming the members of a cycle, when things lie on each other in a ring.
 */
export function buildTopology(nodes: readonly Node[], extra: readonly Edge[], pinnedRoots: readonly string[]): Topology {
  const byId = new Map([...nodes].sort((a, b) => (a.id < b.id ? -1 : 1)).map((node) => [node.id, node]));
  const graph = new Graph();
  for (const id of byId.keys()) graph.setNode(id);
  const all = [...nodes.flatMap((node) => node.below.map((below) => ({ above: node.id, below }))), ...extra];
  for (const { above, below } of all) {
    if (above !== below && byId.has(above) && byId.has(below)) graph.setEdge(above, below);
  }
  const directlyAbove = (id: string) => graph.predecessors(id) ?? [];
  const directlyBelow = (id: string) => graph.successors(id) ?? [];
  const pinned = new Set(pinnedRoots.flatMap((id) => [id, ...reach(id, directlyBelow)]));
  if (!alg.isAcyclic(graph)) {
    freePinnedMounts(graph, byId, pinned);
    refuseCycles(graph, byId);
  }
  const above = remember((id) => reach(id, directlyAbove));
  const below = remember((id) => reach(id, directlyBelow));
  const kinds = groupBy(byId.values(), (node) => node.kind);
  return {
    nodes: [...byId.values()],
    directlyAbove,
    directlyBelow,
    above,
    below,
    node: (id) => byId.get(id),
    ofKind: (kind) => kinds.get(kind) ?? [],
    pinned: (id) => pinned.has(id),
  };
}

/**
 * A live system's root may be an overlay on a loop device on a file of a medium that is mounted below that very root.
 * Such a ring is real, and only what backs the running system can be in it by design: once systemd-shutdown has pivoted away
 * the mount is moved aside, so for a pinned mount the place where it was mounted does not count.
 */
function freePinnedMounts(graph: Graph, byId: ReadonlyMap<string, Node>, pinned: ReadonlySet<string>): void {
  for (const ring of alg.findCycles(graph)) {
    const isMember = (id: string) => ring.includes(id) && pinned.has(id) && byId.get(id)?.kind === 'mount';
    for (const { v, w } of graph.edges()) if (isMember(v) && isMember(w)) graph.removeEdge(v, w);
  }
}

function refuseCycles(graph: Graph, byId: ReadonlyMap<string, Node>): void {
  if (alg.isAcyclic(graph)) return;
  const ring = alg.findCycles(graph)[0] ?? [];
  const members = ring.map((id) => byId.get(id)?.path ?? id).join(', ');
  throw new UserError(`these lie on each other in a ring: ${members}. No order can close them and nothing was touched; report it with a capture`);
}

function reach(from: string, next: (id: string) => readonly string[]): ReadonlySet<string> {
  const found = new Set<string>();
  const todo = [...next(from)];
  for (let id = todo.pop(); id !== undefined; id = todo.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    todo.push(...next(id));
  }
  return found;
}

function remember<T>(compute: (id: string) => T): (id: string) => T {
  const known = new Map<string, T>();
  return (id) => {
    const value = known.get(id) ?? compute(id);
    known.set(id, value);
    return value;
  };
}

/**
 * Sorts ids so that each comes after all that it needs; among those that are free, in the given order.
 * @throws UserError naming the ids of a ring.
 */
export function sortByNeeds(items: readonly { id: string; needs: readonly string[] }[]): string[] {
  const graph = new Graph();
  for (const { id } of items) graph.setNode(`s:${id}`);
  for (const { id, needs } of items) for (const need of needs) if (graph.hasNode(`s:${need}`)) graph.setEdge(`s:${need}`, `s:${id}`);
  if (!alg.isAcyclic(graph)) {
    const ring = (alg.findCycles(graph)[0] ?? []).map((id) => id.slice(2)).join(', ');
    throw new UserError(`these steps need each other: ${ring}. Nothing was touched; report it with a capture`);
  }
  return alg.topsort(graph).map((id) => id.slice(2));
}
