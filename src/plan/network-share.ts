import { isOfNetwork } from '../model/network.ts';
import type { Step } from '../model/step.ts';
import type { Topology } from '../topology/graph.ts';
import { leftPools } from './left-pools.ts';

/**
 * Of the live steps of a shutdown, those that are to be done before the network goes: for all that lies on it, and for it. Pools are left to the exitrd.
 */
export function networkShare(graph: Topology, live: readonly Step[]): Step[] {
  const ends = graph.nodes.filter((node) => isOfNetwork(node) && !graph.pinned(node.id));
  const remote = new Set(ends.flatMap(({ id }) => [id, ...graph.above(id)]));
  const pools = leftPools(graph);
  return live.filter(({ closes, node }) => [node, ...closes].some((id) => remote.has(id)) && !closes.some((id) => pools.has(id)));
}
