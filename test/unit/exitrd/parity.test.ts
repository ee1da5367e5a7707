import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Step } from '../../../src/model/step.ts';
import { sortByNeeds } from '../../../src/topology/graph.ts';
import { type Played, playInShell, playLive } from '../../fuzz/parity/play.ts';
import { anyPlan, anyStep } from '../../fuzz/parity/steps.ts';
import { SHELLS } from '../../fuzz/recorder.ts';

/**
 * The two interpreters of steps, side by side: the live runner and the compiled sh, in each shell. The same steps must call the same
 * commands with the same words, leave the same files, and end the same way. npm run fuzz -- --parity 10000 does more of them.
 */
async function together(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const todo = [...tasks];
  await Promise.all(
    Array.from({ length: 6 }, async () => {
      for (let next = todo.shift(); next; next = todo.shift()) await next();
    }),
  );
}

describe.each(SHELLS)('%s', (...shell) => {
  it('does with each step what the live runner does', { timeout: 240_000 }, async () => {
    const steps = fc.sample(anyStep, { numRuns: 40, seed: Number(process.env.PARITY_SEED ?? 20_260_101) });
    await together(
      steps.map((step) => async () => {
        expect({ step, ...(await playInShell(shell, [step])) }).toEqual({ step, ...(await playLive([step])) });
      }),
    );
  });

  it('runs a whole plan with the same outcomes, and nothing before its needs', { timeout: 240_000 }, async () => {
    await together(
      fc.sample(anyPlan, { numRuns: 16, seed: 7 }).map((steps) => async () => {
        const live = await playLive(steps);
        const sh = await playInShell(shell, steps);
        expect(sh.outcomes).toEqual(live.outcomes);
        const order = orderOf(sh);
        expect([...order].sort()).toEqual(orderOf(live).sort());
        for (const step of steps)
          for (const need of step.needs) {
            if (order.includes(step.title)) expect(order.indexOf(`step ${need.slice(1)}`)).toBeLessThan(order.indexOf(step.title));
          }
      }),
    );
  });
});

const orderOf = ({ traces }: Played): string[] => (traces.log ?? '').match(/step \d+/g) ?? [];

it('leaves a command that hangs behind at its bound, and goes on', { timeout: 60_000 }, async () => {
  const hang = (id: string, needs: string[]): Step => ({
    id,
    title: id,
    node: 'n',
    closes: [],
    stage: 'live',
    unless: { is: 'exists', path: '/no/such' },
    ops: [{ op: 'run', argv: ['sleep', '600'] }],
    needs,
    seconds: 1,
    onFail: 'stop',
  });
  const quick: Step = { ...hang('quick', []), ops: [{ op: 'run', argv: ['true'] }] };
  const moves: Step = { ...hang('moves', []), ops: [{ op: 'run', argv: ['sleep', '5'] }], seconds: 2, progress: ['date', '+%s%N'] };
  const steps = [hang('hangs', []), quick, { ...quick, id: 'above', needs: ['hangs'] }, moves];
  expect(sortByNeeds(steps)).toHaveLength(4);
  await Promise.all(
    SHELLS.map(async (shell) => {
      const [hung, ...others] = (await playInShell(shell, steps)).outcomes;
      // On a machine whose disk stands still even a killed sleep may take its time to die.
      expect(['failed', 'abandoned']).toContain(hung);
      expect(others).toEqual(['done', 'skipped', 'done']);
    }),
  );
});
