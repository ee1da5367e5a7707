import type { GraphView } from '../model/graph-view.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { Stage, Step, StepPlan } from '../model/step.ts';
import { sortByNeeds, type Topology } from '../topology/graph.ts';
import { inExitrd } from './exitrd-paths.ts';
import { type Selection, selectForExitrd } from './select.ts';

/** The steps that close a selection, in an order that is safe, and the selected nodes no step closes. */
export interface Plan {
  readonly steps: readonly Step[];
  readonly selection: Selection;
}

/**
 * Turns a selection into steps. Whatever backs /, /usr or the running program is left for the exitrd; what needs what comes
 * from the graph alone.
 * @param apart nodes that will probably stay open: no live step closes one of them together with others, which would then stay as well.
 * @throws UserError when the steps need each other in a ring.
 */
export function makePlan(graph: Topology, layers: readonly Layer[], selection: Selection, apart: ReadonlySet<string> = new Set()): Plan {
  const drafts: { step: StepPlan; stage: Stage }[] = [];
  // One command may close what was not asked of it as well (the parts of a pool), and what stands on that would lose its ground.
  const stays = (id: string, stage: Stage) => selection.kept.has(id) || selection.blocked.has(id) || (stage === 'live' && graph.pinned(id));
  const isLive = (node: Node) => selection.ids.has(node.id) && !graph.pinned(node.id);
  for (const stage of ['live', 'exitrd'] as const) {
    // By the time of the exitrd the live steps are done: an LV is "all that is left of its VG" when the others went live.
    const view: GraphView = stage === 'live' ? graph : { ...graph, ofKind: (kind) => graph.ofKind(kind).filter((node) => !isLive(node)) };
    for (const layer of layers) {
      const nodes = view.ofKind(layer.kind).filter((node) => selection.ids.has(node.id) && isLive(node) === (stage === 'live'));
      for (const part of stage === 'live' ? [nodes.filter((node) => !apart.has(node.id)), nodes.filter((node) => apart.has(node.id))] : [nodes])
        for (const step of layer.teardown?.(part.filter(isOurs), view) ?? []) if (!step.closes.some((id) => stays(id, stage))) drafts.push({ step, stage });
    }
  }
  const steps = withNeeds(graph, uniqueIds(drafts));
  const order = sortByNeeds(steps);
  const byId = new Map(steps.map((step) => [step.id, step]));
  const sorted = order.map((id) => byId.get(id) as Step);
  return { steps: [...sorted.filter((step) => step.stage === 'live'), ...sorted.filter((step) => step.stage === 'exitrd')], selection };
}

/** What an exitrd does that finds the host as it is now, with nothing closed live: every step is its own. */
export function makeExitrdPlan(graph: Topology, layers: readonly Layer[]): Plan {
  const alone: Topology = { ...graph, pinned: () => true };
  return makePlan(alone, layers, selectForExitrd(alone));
}

/** Implicit nodes are shown to their layer too (an LV's snapshots), but unclosable ones are not. */
function isOurs(node: Node): boolean {
  return node.close !== 'never';
}

function uniqueIds(drafts: readonly { step: StepPlan; stage: Stage }[]): { step: StepPlan; stage: Stage }[] {
  const count = new Map<string, number>();
  return drafts.map(({ step, stage }) => {
    const nth = (count.get(step.id) ?? 0) + 1;
    count.set(step.id, nth);
    return { stage, step: nth === 1 ? step : { ...step, id: `${step.id}#${nth}` } };
  });
}

function withNeeds(graph: Topology, drafts: readonly { step: StepPlan; stage: Stage }[]): Step[] {
  const closedBy = new Map<string, string>();
  const stageOf = new Map(drafts.map(({ step, stage }) => [step.id, stage]));
  for (const { step } of drafts) for (const id of step.closes) closedBy.set(id, step.id);
  const needed = closersAbove(graph, closedBy);
  const ahead = drafts.filter(({ step }) => step.ahead);
  return drafts.map(({ step, stage }) => {
    const needs = new Set(step.after?.filter((id) => stageOf.has(id)));
    if (!step.ahead) for (const id of new Set([step.node, ...step.closes])) for (const need of needed(id)) needs.add(need);
    for (const other of ahead) if (other.stage === stage && standsOn(step, other.step.node, graph)) needs.add(other.step.id);
    needs.delete(step.id);
    const placed = { ...step, stage, needs: [...needs].sort() };
    return stage === 'exitrd' ? inExitrd(placed) : placed;
  });
}

function standsOn(step: StepPlan, node: string, graph: Topology): boolean {
  return !step.ahead && [step.node, ...step.closes].some((id) => id === node || graph.below(id).has(node));
}

/** The exitrd frees the old root of the kernel's own mounts, and what lies on one of them (a loop device's file in /run) goes along. */
function isMovedAside(node: Node | undefined): boolean {
  return node?.kind === 'mount' && !node.wanted;
}

/** The steps that close what stands on a node: looked for upwards, through whatever has no step of its own. */
function closersAbove(graph: Topology, closedBy: ReadonlyMap<string, string>): (id: string) => ReadonlySet<string> {
  const known = new Map<string, ReadonlySet<string>>();
  const find = (id: string): ReadonlySet<string> => {
    const before = known.get(id);
    if (before) return before;
    const found = new Set<string>();
    known.set(id, found);
    for (const above of graph.directlyAbove(id)) {
      const closer = closedBy.get(above);
      if (closer) found.add(closer);
      else if (isMovedAside(graph.node(above))) continue;
      else for (const more of find(above)) found.add(more);
    }
    return found;
  };
  return find;
}
