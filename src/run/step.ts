import type { StepResult } from '../model/report.ts';
import type { Door } from '../model/sources.ts';
import type { Op, Step } from '../model/step.ts';
import { ask } from './ask.ts';
import { type CallOutcome, call, sleep } from './call.ts';

/** The kernel and udev may take a moment to show that something is gone. */
const SETTLE_SECONDS = 3;
const PAUSE_SECONDS = 0.1;

/** Runs one step on this host: asks whether it is done, does it, and asks again. Never throws, never outlives its bound. */
export async function runStep(step: Step, door: Door): Promise<StepResult> {
  const started = performance.now();
  const end = (outcome: StepResult['outcome'], error?: string): StepResult => ({
    step: step.id,
    outcome,
    seconds: Math.round(performance.now() - started) / 1000,
    ...(error !== undefined && { error }),
  });
  try {
    if (await ask(step.unless, door)) return end('already');
    for (const op of step.ops) {
      const done = await runOp(op, step, door);
      // A mount that hangs while its file system is written back is already out of the mount table: gone is not closed.
      if (done.is === 'abandoned') return end('abandoned', done.message);
      // What went wrong does not matter when the thing is gone all the same (a udev rule, a second teardown, deferred removal).
      if (done.is === 'failed') return (await ask(step.unless, door)) ? end('done') : end('failed', done.message);
    }
    if (step.closes.length === 0 || (await becomesTrue(step, door))) return end('done');
    return end('failed', 'every command succeeded, but it is still open');
  } catch (error) {
    return end('failed', error instanceof Error ? error.message : String(error));
  }
}

async function becomesTrue(step: Step, door: Door): Promise<boolean> {
  for (let waited = 0; waited < SETTLE_SECONDS; waited += PAUSE_SECONDS) {
    if (await ask(step.unless, door)) return true;
    await sleep(PAUSE_SECONDS);
  }
  return false;
}

async function runOp(op: Op, step: Step, door: Door): Promise<CallOutcome> {
  const nothing: CallOutcome = { is: 'ok', output: '' };
  switch (op.op) {
    case 'run':
      return op.unless && (await ask(op.unless, door)) ? nothing : persist(op, step, door, () => runCommand(op, step));
    case 'write':
      return op.unless && (await ask(op.unless, door)) ? nothing : persist(op, step, door, () => write(op, step));
    case 'wait':
      return waitFor(op, step, door);
    default:
      return op satisfies never;
  }
}

/** Tries again while it fails, as long as the op allows. */
async function persist(op: Exclude<Op, { op: 'wait' }>, step: Step, door: Door, attempt: () => Promise<CallOutcome>): Promise<CallOutcome> {
  const giveUp = performance.now() + (op.retrySeconds ?? 0) * 1000;
  for (;;) {
    const outcome = await attempt();
    const final = outcome.is !== 'failed' || outcome.missing === true;
    if (final || performance.now() >= giveUp) return outcome;
    await sleep(PAUSE_SECONDS);
    // Somebody else may have done it meanwhile, and the same words would then mean what lies below.
    if (step.closes.length > 0 && (await ask(step.unless, door))) return { is: 'ok', output: '' };
  }
}

function runCommand(op: Extract<Op, { op: 'run' }>, step: Step): Promise<CallOutcome> {
  return call(op.argv, { seconds: step.seconds, ...(op.okExit && { okExit: op.okExit }), progress: progressOf(step) });
}

/** In a process of its own: a write to sysfs can hang in the kernel like any other call. */
async function write(op: Extract<Op, { op: 'write' }>, step: Step): Promise<CallOutcome> {
  return call(['dd', `of=${op.path}`, 'conv=nocreat', 'status=none'], { seconds: step.seconds, input: op.text });
}

async function waitFor(op: Extract<Op, { op: 'wait' }>, step: Step, door: Door): Promise<CallOutcome> {
  const progress = progressOf(step);
  let last = await progress?.();
  for (let waited = 0; waited < op.seconds; waited += PAUSE_SECONDS) {
    if (await ask(op.until, door)) return { is: 'ok', output: '' };
    await sleep(PAUSE_SECONDS);
    const now = await progress?.();
    if (now !== last) waited = 0;
    last = now;
  }
  return { is: 'failed', message: `nothing happened for ${op.seconds} s` };
}

function progressOf(step: Step): (() => Promise<string>) | undefined {
  const argv = step.progress;
  if (!argv) return undefined;
  return async () => {
    const answer = await call(argv, { seconds: 5 });
    return answer.is === 'ok' ? answer.output : '';
  };
}
