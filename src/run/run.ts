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
  const waiting = new Set(steps);
  const running = new Set<Promise<void>>();
  const busyWords = new Set<string>();
  const finish = (step: Step, result: StepResult): void => {
    results.set(step.id, result);
    options.onEnd(step, result);
  };
  const startReady = (): void => {
    for (let moved = true; moved; ) {
      moved = false;
      for (const step of waiting) {
        const needs = step.needs.filter((id) => byId.has(id));
        if (!needs.every((id) => results.has(id))) continue;
        const reason = options.signal.aborted ? 'interrupted' : (options.forbid(step) ?? unmet(needs, results, byId));
        if (reason !== undefined) {
          waiting.delete(step);
          finish(step, { step: step.id, outcome: 'skipped', seconds: 0, error: reason });
          moved = true;
        } else if (running.size < options.atOnce && !busyWords.has(step.exclusive ?? '')) {
          waiting.delete(step);
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
        }
      }
    }
  };
  for (startReady(); running.size > 0; startReady()) await Promise.race(running);
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
