import type { Step } from '../model/step.ts';
import type { Topology } from '../topology/graph.ts';

/**
 * Of the live steps of a shutdown, those that are worth a process: closing an LV, or swap, of what stays open below for the root frees
 * nothing and removes no key, and the exitrd does it in the same breath as the rest. A host with nothing else outside its root then has
 * no live phase at all.
 */
export function liveShare(graph: Topology, live: readonly Step[]): Step[] {
  const left = new Set<string>();
  const staysOrLeft = (id: string) => graph.pinned(id) || left.has(id);
  const isLeft = (step: Step) => {
    const kinds = step.closes.map((id) => graph.node(id)?.kind);
    const isPlain = kinds.every((kind) => kind === 'swap' || (kind === 'lvm' && step.bare !== undefined));
    return step.closes.length > 0 && isPlain && step.closes.every((id) => graph.directlyBelow(id).every(staysOrLeft));
  };
  // What lies lower comes later in a plan.
  for (const step of [...live].reverse()) if (isLeft(step)) for (const id of step.closes) left.add(id);
  return live.filter((step) => !isLeft(step));
}
