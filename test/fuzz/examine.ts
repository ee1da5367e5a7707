import { assemblyOrder } from '../../src/app/assembly.ts';
import { auditThrough } from '../../src/app/audit.ts';
import { makePlans } from '../../src/exitrd/plans.ts';
import { layers } from '../../src/layers/index.ts';
import { isUserError } from '../../src/model/errors.ts';
import { reportSchema } from '../../src/model/report.ts';
import type { Door } from '../../src/model/sources.ts';
import type { Step } from '../../src/model/step.ts';
import { keyfileDevices } from '../../src/plan/keyfiles.ts';
import { makeExitrdPlan } from '../../src/plan/plan.ts';
import { shutdownShares } from '../../src/plan/shutdown-shares.ts';
import { renderDot } from '../../src/render/dot.ts';
import { renderMermaid } from '../../src/render/mermaid.ts';
import { renderText } from '../../src/render/text.ts';
import { asJson, printable } from '../../src/render/words.ts';
import { readConfig } from '../../src/sources/config.ts';
import { readGenerated } from '../../src/sources/generated.ts';
import type { Topology } from '../../src/topology/graph.ts';
import { type FuzzCase, treeOf } from './cases.ts';
import { whatIsWrongWith } from './invariants.ts';
import { treeDoor } from './tree.ts';

/** What nothing that is printed may hold, but for the ends of its lines. */
const UNPRINTABLE = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
const plain = (_style: unknown, text: string) => text;

/**
 * Lets the program look at a host that is garbled, as far as it goes without touching one.
 * @returns the steps that it would write down for an exitrd; none when it refuses the host.
 * @throws Error with what is wrong, when it does something else than to plan or to refuse.
 */
export function examine(given: FuzzCase): readonly Step[] {
  const door = treeDoor(treeOf(given));
  orRefuses(() => readConfig(door));
  orRefuses(() => readGenerated(door));
  const steps = orRefuses(() => examinePlans(door)) ?? [];
  if (given.targets.length > 0) orRefuses(() => examineAudit(door, given.targets));
  return steps;
}

function examinePlans(door: Door): readonly Step[] {
  const { graph, plan, src } = examineAudit(door, []);
  everythingIsThere(door, graph);
  keyfileDevices(src, graph);
  const exitrd = makeExitrdPlan(graph, layers);
  complainOf(whatIsWrongWith(exitrd, { ...graph, pinned: () => true }, 'exitrd'));
  const shares = shutdownShares(
    graph,
    plan.steps.filter((step) => step.stage === 'live'),
  );
  for (const hasHelper of [true, false]) makePlans(src.host, exitrd.steps, shares, hasHelper, '');
  return [...exitrd.steps, ...shares.network, ...shares.rest];
}

function examineAudit(door: Door, targets: readonly string[]): ReturnType<typeof auditThrough> {
  const audit = auditThrough(door, targets);
  const { report, graph, plan, src } = audit;
  complainOf(whatIsWrongWith(plan, graph, 'live'));
  reportSchema.parse(report);
  const pictures = { report, assembly: assemblyOrder(report, graph, src) };
  const texts = [renderText(report, plain), renderDot(pictures), renderMermaid(pictures), asJson(report)];
  for (const text of texts)
    if (UNPRINTABLE.test(text.replaceAll('\n', ''))) throw new Error(`it prints ${JSON.stringify(UNPRINTABLE.exec(text.replaceAll('\n', ''))?.[0])}`);
  return audit;
}

/** A table that was read holds what it says: no line of it is lost, or the plan is one for another host. */
function everythingIsThere(door: Door, graph: Topology): void {
  const lines = (path: string) => (door.text(path) ?? '').split('\n').filter((line) => line !== '');
  const mounts = graph.nodes.filter((node) => node.kind === 'mount' || node.kind === 'automount').length;
  if (mounts !== lines('/proc/self/mountinfo').length) throw new Error(`${mounts} mounts are known, of ${lines('/proc/self/mountinfo').length}`);
  const swaps = new Set(lines('/proc/swaps').filter((line) => !line.startsWith('Filename')));
  const names = new Set([...swaps].map((line) => line.split(/\s/)[0]));
  if (graph.ofKind('swap').length !== names.size) throw new Error(`${graph.ofKind('swap').length} swap areas are known, of ${names.size}`);
}

function orRefuses<T>(does: () => T): T | undefined {
  try {
    return does();
  } catch (error) {
    if (!isUserError(error)) throw error;
    const said = printable(error.message);
    if (said.trim() === '' || UNPRINTABLE.test(said)) throw new Error(`it refuses with ${JSON.stringify(said)}`);
    return undefined;
  }
}

function complainOf(what: string | undefined): void {
  if (what !== undefined) throw new Error(what);
}
