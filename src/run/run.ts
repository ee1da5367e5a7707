import type { StepResult } from '../model/report.ts';
import type { Step } from '../model/step.ts';

export interface RunOptions {
  /** How many steps may run at the same time. */
  readonly atOnce: number;
  /** Interprets one step. */
  readonly perform: (step: Step) => Promise<StepResult>;
  /** Why a step must not be tried, or undefined. */
  readonly forbid: (step: Step) => string | undefined;
  /** Called as each step ends, in the order they end. */
  readonly onEnd: (step: Step, result: StepResult) => void;
  /** Once aborted, what runs is finished and nothing new begins. */
  readonly signal: AbortSignal;
}

/** Runs steps in parallel as far as their needs allow. A step whose needs were not met is skipped and says why. */
export async function runSteps(steps: readonly Step[], options: RunOptions): Promise<StepResult[]> {
  const results = new Map<string, StepResult>();
  const byId = new Map(steps.map((step) => [step.id, step]));
  const place = new Map(steps.map((step, n) => [step, n]));
  const needsOf = (step: Step) => step.needs.filter((id) => byId.has(id));
  /** How many needs of a step have not ended yet, and whose need a step is: looking through all of them each time one ends would cost their square. */
  const missing = new Map(steps.map((step) => [step, needsOf(step).length]));
  const above = new Map<string, Step[]>(steps.map(({ id }) => [id, []]));
  for (const step of steps) for (const id of needsOf(step)) above.get(id)?.push(step);
  let ready = steps.filter((step) => missing.get(step) === 0);
  const running = new Set<Promise<void>>();
  const busyWords = new Set<string>();
  const finish = (step: Step, result: StepResult): void => {
    results.set(step.id, result);
    options.onEnd(step, result);
    const freed = (above.get(step.id) ?? []).filter((next) => {
      const left = (missing.get(next) ?? 0) - 1;
      missing.set(next, left);
      return left === 0;
    });
    if (freed.length > 0) ready = [...ready, ...freed].sort((a, b) => (place.get(a) ?? 0) - (place.get(b) ?? 0));
  };
  const start = (step: Step): void => {
    if (step.exclusive) busyWords.add(step.exclusive);
    const failed = (error: unknown): StepResult => ({ step: step.id, outcome: 'failed', seconds: 0, error: String(error) });
    const run = options
      .perform(step)
      .catch(failed)
      .then((result) => {
        running.delete(run);
        busyWords.delete(step.exclusive ?? '');
        finish(step, result);
      });
    running.add(run);
  };
  /** @returns whether anything was started or skipped: a skipped step makes others ready. */
  const startOne = (): boolean => {
    if (running.size >= options.atOnce && !options.signal.aborted) return false;
    for (const [n, step] of ready.entries()) {
      const reason = options.signal.aborted ? 'interrupted' : (options.forbid(step) ?? unmet(needsOf(step), results, byId));
      if (reason === undefined && busyWords.has(step.exclusive ?? '')) continue;
      ready.splice(n, 1);
      if (reason === undefined) start(step);
      else finish(step, { step: step.id, outcome: 'skipped', seconds: 0, error: reason });
      return true;
    }
    return false;
  };
  for (;;) {
    while (startOne());
    if (running.size === 0) break;
    await Promise.race(running);
  }
  return steps.flatMap((step) => results.get(step.id) ?? []);
}

function unmet(needs: readonly string[], results: ReadonlyMap<string, StepResult>, byId: ReadonlyMap<string, Step>): string | undefined {
  for (const id of needs) {
    const outcome = results.get(id)?.outcome;
    const step = byId.get(id);
    if (outcome === 'done' || outcome === 'already' || step?.onFail === 'go-on') continue;
    return `not tried, because this was not done: ${step?.title}`;
  }
  return undefined;
}
