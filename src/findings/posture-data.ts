import type { Answer } from '../model/audit.ts';
import type { Node } from '../model/node.ts';
import type { Plan } from '../plan/plan.ts';
import type { Topology } from '../topology/graph.ts';
import { brief, count, few, markOf, worst } from './answer.ts';
import { belowRoot, type ExitrdState } from './exitrd.ts';
import type { Looked } from './looked.ts';

const CONDITION = {
  container: "this is a container, and the devices are its host's",
  'md-degraded': 'an array runs with members missing',
  'pool-degraded': 'a pool is degraded',
  'swap-will-not-fit': 'swap holds more than fits into memory',
  'md-sync-running': 'an array is being rebuilt or checked',
};

/** Will everything be closed? */
export function dataAnswers(looked: Looked): Answer[] {
  return [
    closed(looked),
    stays(looked),
    brief('condition', looked.findings, CONDITION) ?? { about: 'condition', mark: 'good', text: 'no array is degraded or being rebuilt' },
  ];
}

function closed({ plan, graph, exitrd }: Looked): Answer {
  const about = 'closed';
  const live = plan.steps.filter((step) => step.stage === 'live').length;
  const later = plan.steps.length - live;
  if (plan.steps.length === 0) return { about, mark: 'good', text: 'there is nothing to close' };
  if (exitrd === 'missing')
    return {
      about,
      mark: 'warning',
      text: `what is outside the root, in ${count(live, 'step')}; ${count(belowRoot(graph), 'device')} below it will stay open, for lack of an exitrd`,
    };
  if (exitrd === 'other')
    return { about, mark: 'warning', text: `what is outside the root, in ${count(live, 'step')}; what is below it is left to another program's exitrd` };
  if (exitrd === 'not-needed' && live === 0) return { about, mark: 'good', text: 'there is nothing to close but the root' };
  if (exitrd === 'not-needed') return { about, mark: 'good', text: `everything outside the root, in ${count(live, 'step')}; below it nothing has to be` };
  return { about, mark: 'good', text: `everything: ${count(live, 'step')} outside the root, ${later} in the exitrd` };
}

function stays({ plan, graph, findings }: Looked): Answer {
  const about = 'stays';
  const open = keptOpen(graph, plan);
  if (open.length === 0) return { about, mark: 'good', text: 'nothing is there that cannot be closed' };
  const causes = open.filter(({ id, close }) => close === 'never' || plan.selection.blocked.has(id));
  const reasons = findings.filter(({ node, code }) => code !== 'kept-open' && causes.some(({ id }) => id === node));
  const kept = open.length - causes.length;
  const along = kept > 0 ? `, which keeps ${kept} more open` : '';
  const why = reasons.length === 1 ? `: ${reasons[0]?.text}` : '';
  return { about, mark: worst(['warning', markOf(reasons)]), text: `${few(causes.map(({ path }) => path))} cannot be closed${along}${why}` };
}

/** What no step closes, now or in the exitrd, although it should be closed or keeps something from it. */
function keptOpen(graph: Topology, { selection }: Plan): Node[] {
  const isGround = ({ kind }: Node) => kind === 'disk' || kind === 'partition';
  return graph.nodes.filter(
    (node) => !isGround(node) && !selection.ids.has(node.id) && (node.wanted || selection.blocked.has(node.id) || node.kind === 'unknown'),
  );
}

/** Ids of all that will be open when the power goes, as far as that is known. What another program's exitrd does is not. */
export function openAtTheEnd(graph: Topology, plan: Plan, exitrd: ExitrdState): number {
  return keptOpen(graph, plan).length + (exitrd === 'missing' ? belowRoot(graph) : 0);
}
