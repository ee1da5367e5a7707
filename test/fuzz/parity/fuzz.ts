import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import type { Step } from '../../../src/model/step.ts';
import { SHELLS } from '../recorder.ts';
import { type Played, playInShell, playLive } from './play.ts';
import { anyPlan, anyStep } from './steps.ts';

/** Most of them sleep most of the time. */
const AT_ONCE = 12;
const BATCH = 100;

export interface ParityOptions {
  readonly plans: number;
  readonly seed: number;
  readonly say: (line: string) => void;
}

/**
 * Runs random steps, and plans of them, through the live runner and through each shell.
 * @returns how many came to something else in one of them.
 */
export async function fuzzParity({ plans, seed, say }: ParityOptions): Promise<number> {
  const any = fc.oneof(
    anyStep.map((step) => [step]),
    anyPlan,
  );
  let failures = 0;
  for (let done = 0; done < plans; ) {
    const some = fc.sample(any, { numRuns: Math.min(BATCH, plans - done), seed: seed + done });
    const waiting = [...some.entries()];
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        for (let next = waiting.shift(); next; next = waiting.shift()) {
          const [index, steps] = next;
          const wrong = await differenceOf(steps);
          if (wrong === undefined) continue;
          failures++;
          say(`seed ${seed + done}, plan ${index}: ${wrong}\n  ${JSON.stringify(steps)}`);
        }
      }),
    );
    done += some.length;
    say(`${done} of ${plans} plans in ${SHELLS.length} shells, ${failures} failures`);
  }
  return failures;
}

async function differenceOf(steps: readonly Step[]): Promise<string | undefined> {
  const live = comparable(await playLive(steps), steps);
  for (const shell of SHELLS) {
    const sh = comparable(await playInShell(shell, steps), steps);
    if (!isDeepStrictEqual(sh, live)) return `${shell.join(' ')} ${JSON.stringify(sh)}, live ${JSON.stringify(live)}`;
  }
  return undefined;
}

/** Steps that do not need each other run in any order. */
function comparable(played: Played, steps: readonly Step[]): Played {
  if (steps.length === 1) return played;
  return {
    ...played,
    traces: {
      ...played.traces,
      log: (played.traces.log ?? '')
        .split(/^(?=\d+$)/m)
        .sort()
        .join(''),
    },
  };
}
