import type { Node } from '../model/node.ts';
import type { Topology } from '../topology/graph.ts';

/** Where a thing's data lies: the node itself and all below it, but not what a mount was only made on. */
export function storageOf(id: string, graph: Topology): Node[] {
  const found = new Set([id]);
  // A set goes on with what is added meanwhile.
  for (const each of found) for (const below of graph.directlyBelow(each)) if (!(isMount(each, graph) && isMount(below, graph))) found.add(below);
  return [...found].flatMap((each) => graph.node(each) ?? []);
}

function isMount(id: string, graph: Topology): boolean {
  return ['mount', 'automount'].includes(graph.node(id)?.kind ?? '');
}
