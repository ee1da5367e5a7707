import type { Topology } from '../topology/graph.ts';

/**
 * The pools that no live step of a shutdown touches, with all they lie on: what is exported or stopped while the root is there is not opened at the next
 * boot. zpool.cache forgets it (zpoolprops(7), cachefile), and Stratis writes down that a pool was stopped.
 */
export function leftPools(graph: Topology): Set<string> {
  return new Set(['zpool', 'stratis'].flatMap((kind) => graph.ofKind(kind)).flatMap(({ id }) => [id, ...graph.below(id)]));
}
