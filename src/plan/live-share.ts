import type { Step } from '../model/step.ts';
import type { Topology } from '../topology/graph.ts';
import { leftPools } from './left-pools.ts';

/**
 * Of the live steps of a shutdown, those that are worth a process. Closing volumes, swap, arrays and mounts of what stays open below for the root,
 * or of bare disks, frees nothing and removes no key, and the exitrd does it in the same breath as the rest. A host with nothing else outside
 * its root then has no live phase at all. Pools, with all they lie on, are left to it as well.
 */
export function liveShare(graph: Topology, live: readonly Step[]): Step[] {
  const pools = leftPools(graph);
  const left = new Set(pools);
  const staysOrLeft = (id: string) => graph.pinned(id) || left.has(id) || graph.node(id)?.close === 'never';
  const isOfPool = ({ closes }: Step) => closes.some((id) => pools.has(id));
  const isWorthless = (step: Step) =>
    step.closes.length > 0 && step.closes.every((id) => isPlain(id, step, graph) && graph.directlyBelow(id).every(staysOrLeft));
  const isLeft = (step: Step) => isOfPool(step) || isWorthless(step);
  // What lies lower comes later in a plan.
  for (const step of [...live].reverse()) if (isLeft(step)) for (const id of step.closes) left.add(id);
  const kept = live.filter((step) => !isLeft(step));
  return kept.filter((step) => !step.ahead || kept.some((other) => other.needs.includes(step.id)));
}

function isPlain(id: string, step: Step, graph: Topology): boolean {
  const kind = graph.node(id)?.kind;
  if (kind === 'lvm' || kind === 'md') return step.bare !== undefined;
  // A network's file system lies on no device, and has to go before the network does.
  if (kind === 'mount') return graph.directlyBelow(id).some((below) => below.startsWith('dev:'));
  return kind === 'swap';
}
