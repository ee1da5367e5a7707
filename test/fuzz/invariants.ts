import type { Step } from '../../src/model/step.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { Topology } from '../../src/topology/graph.ts';
import { whatIsWrongWithArgv } from './argv.ts';

/** What must hold of a plan however garbled the host was that it was made for: the first that does not, in words. */
export function whatIsWrongWith({ steps }: Plan, graph: Topology, stage: 'live' | 'exitrd'): string | undefined {
  const mine = steps.filter((step) => step.stage === stage);
  const closer = new Map(mine.flatMap((step) => step.closes.map((id) => [id, step] as const)));
  const before = needsOf(mine);
  for (const step of mine) {
    for (const id of step.closes) {
      const node = graph.node(id);
      if (!node) return `${step.id} closes ${id}, which is not in the graph`;
      if (node.close === 'never') return `${step.id} closes ${id}, which nothing may close`;
      if (stage === 'live' && graph.pinned(id)) return `${step.id} closes ${id} live, which backs the running system`;
      for (const above of stage === 'live' ? graph.above(id) : standingOn(id, graph, closer)) {
        const other = closer.get(above);
        if (other ? other !== step && !before(step).has(other.id) : isOpen(above, stage, graph))
          return `${step.id} closes ${id} before ${above}, which stands on it`;
      }
    }
    const argv = whatIsWrongWithArgv(step);
    if (argv) return `${step.id}: ${argv}`;
  }
  const ids = new Set(steps.map((step) => step.id));
  return ids.size < steps.length ? 'two steps have one id' : undefined;
}

/** In a live plan nothing may stay on what is closed. An exitrd tries whatever it can: the kernel refuses where something stays. */
function isOpen(id: string, stage: Step['stage'], graph: Topology): boolean {
  const node = graph.node(id);
  return stage === 'live' && (node?.close === 'step' || (node?.close === 'never' && !['disk', 'partition'].includes(node.kind)));
}

/** All that stands on a node, but not what lies on a mount that an exitrd moves aside. */
function standingOn(from: string, graph: Topology, closer: ReadonlyMap<string, Step>): Set<string> {
  const found = new Set([from]);
  for (const id of found) {
    for (const above of graph.directlyAbove(id)) {
      const node = graph.node(above);
      if (closer.has(above) || node?.kind !== 'mount' || node.wanted) found.add(above);
    }
  }
  found.delete(from);
  return found;
}

/** The ids of all steps that come before one, however far. */
function needsOf(steps: readonly Step[]): (step: Step) => ReadonlySet<string> {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const known = new Map<string, ReadonlySet<string>>();
  return (step) => {
    const found = known.get(step.id) ?? new Set(step.needs);
    if (!known.has(step.id)) for (const id of found as Set<string>) for (const more of byId.get(id)?.needs ?? []) (found as Set<string>).add(more);
    known.set(step.id, found);
    return found;
  };
}
