import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { helperProgram } from '../exitrd/hooks.ts';
import { containerName } from '../findings/container.ts';
import { findForeignMounts } from '../findings/foreign-mounts.ts';
import { findHolders, nameHolders } from '../findings/holders.ts';
import { layers } from '../layers/index.ts';
import { UserError } from '../model/errors.ts';
import type { Holder } from '../model/holder.ts';
import type { Node } from '../model/node.ts';
import type { Report, StepResult } from '../model/report.ts';
import type { Step } from '../model/step.ts';
import { stretched } from '../plan/bounds.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { makeReport } from '../plan/report.ts';
import { swift } from '../plan/swift.ts';
import { ask } from '../run/ask.ts';
import { call } from '../run/call.ts';
import { evict } from '../run/evict.ts';
import { lock } from '../run/lock.ts';
import { runSteps } from '../run/run.ts';
import { runStep } from '../run/step.ts';
import type { Topology } from '../topology/graph.ts';
import { type Audit, audit, readGraph } from './audit.ts';

/** How long udev gets to take note of what is closed. */
const SETTLE_SECONDS = 10;

export interface TeardownOptions {
  readonly targets: readonly string[];
  /** End whoever is in the way. */
  readonly kill: boolean;
  /** Close what stands above something busy too, although that itself has to stay. */
  readonly keepGoing: boolean;
  /** Have what waits for a path that is gone fail, so that what was not written is lost. */
  readonly failQueued: boolean;
  /** Asked with the plan before anything happens; false leaves everything as it is. Absent: go ahead. */
  readonly confirm: ((report: Report) => Promise<boolean>) | undefined;
  readonly onStep: (step: Step, result: StepResult) => void;
  readonly say: (line: string) => void;
  /** Once aborted, what runs is finished and nothing new begins. */
  readonly signal: AbortSignal;
}

/**
 * Takes down everything outside the root, or the targets, on this host.
 * @returns the report with what became of each step and what is still open, or undefined when it was not confirmed.
 * @throws UserError before anything is touched: not root, a container, another run, an unknown or pinned target.
 */
export async function teardown(options: TeardownOptions): Promise<Report | undefined> {
  let plan = audit(undefined, options.targets);
  refuse(plan);
  if (options.confirm) {
    if (!(await options.confirm(plan.report))) return undefined;
    plan = sameAsShown(plan, audit(undefined, options.targets));
  }
  // The program must not be in its own way.
  process.chdir('/');
  const unlock = lock();
  try {
    return await closeAll(options, plan);
  } finally {
    unlock();
  }
}

/** A person may take a while to answer; what they said yes to must be what is done. */
function sameAsShown(shown: Audit, now: Audit): Audit {
  const steps = ({ plan }: Audit) => plan.steps.map((step) => step.id).join('\n');
  if (steps(shown) !== steps(now))
    throw new UserError('the host changed while the plan was on the screen, and nothing was touched: run it again to see the new one');
  return now;
}

function refuse({ src, graph, targets }: Audit): void {
  const container = containerName(src.door);
  if (container)
    throw new UserError(`this is a ${container} container: its /sys shows the host's devices, which are not its to close. Run teardown on the host`);
  if (process.getuid?.() !== 0) throw new UserError('closing devices takes root: run it with sudo, or add --dry-run to see the plan');
  const pinned = targets.find((node) => graph.pinned(node.id));
  if (pinned)
    throw new UserError(`${pinned.path} backs the running system, so only the exitrd can close it at shutdown: "teardown --dry-run ${pinned.path}" shows how`);
}

async function closeAll(options: TeardownOptions, first: Audit): Promise<Report> {
  let holders: readonly Holder[] = first.holders;
  if (options.kill && holders.length > 0) {
    const nodes = liveNodes(first);
    const look = () => findHolders(first.src, nodes, first.graph).holders;
    await evict({ door: first.src.door, look, say: options.say });
    holders = look();
  }
  const reasons = whyNot(first, holders);
  const around = planAround(first, options.keepGoing ? holders.map((holder) => holder.node) : [...reasons.keys()]);
  const helper = helperProgram();
  const live = around.steps.filter((step) => step.stage === 'live');
  const swiftly = canServe(helper, live, first) ? swift(live, first.graph, first.src.door, helper) : live;
  const steps = options.failQueued ? swiftly : swiftly.map((step): Step => (step.ahead ? { ...step, onFail: 'stop' } : step));
  const results = await runSteps(steps, {
    atOnce: Math.max(8, 4 * availableParallelism()),
    perform: async (step) => (step.ahead && !options.failQueued ? leaveQueued(step, first) : explain(await runStep(step, first.src.door), step, first)),
    forbid: options.keepGoing ? () => undefined : (step) => touchedBy(step, first.graph).flatMap((id) => reasons.get(id) ?? [])[0],
    onEnd: options.onStep,
    signal: options.signal,
  });
  // The kernel's call does not wait for udev as the tools do: without this, links of what is closed would be seen a moment longer.
  if (swiftly.some((step, n) => step !== live[n])) await call(['udevadm', 'settle', `--timeout=${SETTLE_SECONDS}`], { seconds: SETTLE_SECONDS + 5 });
  const { steps: told } = makeReport(first.src.host, first.graph, around, []);
  return { ...first.report, steps: told, results, left: whatIsLeft({ ...first, plan: around }, results, options.say) };
}

/** It runs for as long as there is something to close, and must not keep what it lies on busy. */
function canServe(helper: string, live: readonly Step[], { src }: Audit): boolean {
  const under = src.mountHolding(helper)?.id;
  return existsSync(helper) && !live.some(({ node, closes }) => [node, ...closes].some((id) => id === under));
}

/** Where something busy stays, and all that it stands on with it, what one command would have closed together is closed one by one. */
function planAround({ graph, plan, config }: Audit, busy: readonly string[]): Plan {
  if (busy.length === 0) return plan;
  return stretched(makePlan(graph, layers, plan.selection, new Set(busy.flatMap((id) => [id, ...graph.below(id)]))), config.bounds);
}

function liveNodes({ graph, plan }: Audit): Node[] {
  return graph.nodes.filter((node) => plan.selection.ids.has(node.id) && !graph.pinned(node.id));
}

/**
 * Nothing is half closed: what stands on something busy is left as it is, and when a target cannot be closed because
 * something on it is busy, nothing on that target is.
 */
function whyNot({ graph, targets }: Audit, holders: readonly Holder[]): ReadonlyMap<string, string> {
  const reasons = new Map<string, string>();
  for (const busy of new Set(holders.map((holder) => holder.node))) {
    const inUse = `${graph.node(busy)?.path} is in use by ${nameHolders(holders.filter((holder) => holder.node === busy))}`;
    const concerned = targets.filter((target) => target.id === busy || graph.above(target.id).has(busy));
    const roots = concerned.length > 0 ? concerned.map((target) => target.id) : [busy];
    for (const root of roots) {
      for (const id of [root, ...graph.above(root)]) if (!reasons.has(id)) reasons.set(id, `left as it is: ${inUse}`);
    }
    reasons.set(busy, inUse);
  }
  return reasons;
}

function touchedBy({ node, closes, ahead }: Step, graph: Topology): string[] {
  return [node, ...closes, ...(ahead ? graph.above(node) : [])];
}

/** What waits for a path that may come back is lost by nobody's default. */
async function leaveQueued({ id, unless }: Step, { src }: Audit): Promise<StepResult> {
  if (await ask(unless, src.door)) return { step: id, outcome: 'already', seconds: 0 };
  return { step: id, outcome: 'failed', seconds: 0, error: 'none is left: bring one back, or have what was not written fail with --fail-queued' };
}

/** Adds to a failure who is in the way now, if that can be seen. */
function explain(result: StepResult, step: Step, { graph, src }: Audit): StepResult {
  if (result.outcome !== 'failed') return result;
  const nodes = [step.node, ...step.closes].flatMap((id) => graph.node(id) ?? []);
  const holders = [...findHolders(src, nodes, graph).holders, ...findForeignMounts(src, nodes, graph)];
  return holders.length === 0 ? result : { ...result, error: `${result.error}; in use by ${nameHolders(holders)}` };
}

/**
 * Reads the host again: ids of what was to be closed and is still there under the same name, what could not be closed from
 * the start, and what hangs: a hanging unmount is out of the mount table before it is over.
 */
function whatIsLeft(first: Audit, results: readonly StepResult[], say: (line: string) => void): string[] {
  const { plan, graph } = first;
  const hanging = plan.steps.filter((step) => results.some((result) => result.step === step.id && result.outcome === 'abandoned'));
  const never = [...plan.selection.kept, ...plan.selection.blocked].filter((id) => !graph.pinned(id));
  return [...new Set([...stillOpen(first, say), ...hanging.flatMap((step) => [step.node, ...step.closes]), ...never])];
}

function stillOpen(first: Audit, say: (line: string) => void): string[] {
  const wanted = liveNodes(first);
  try {
    const { graph } = readGraph(first.src.door);
    return wanted.filter((node) => graph.node(node.id)?.name === node.name && graph.node(node.id)?.close !== 'never').map((node) => node.id);
  } catch (error) {
    say(`the host could not be read again, so nothing counts as closed: ${error instanceof Error ? error.message : error}`);
    return wanted.map((node) => node.id);
  }
}
