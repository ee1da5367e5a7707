import type { Step } from '../model/step.ts';
import type { Topology } from '../topology/graph.ts';
import { liveShare } from './live-share.ts';
import { networkShare } from './network-share.ts';

/** What of the live steps is done when, at a shutdown; all else is left to the exitrd. */
export interface ShutdownShares {
  /** Before the network goes. */
  readonly network: readonly Step[];
  /** After systemd has unmounted what it manages. */
  readonly rest: readonly Step[];
}

/** @param live the live steps of a teardown of the whole host. */
export function shutdownShares(graph: Topology, live: readonly Step[]): ShutdownShares {
  const network = networkShare(graph, live);
  return { network, rest: liveShare(graph, live).filter((step) => !network.includes(step)) };
}
