import { it } from 'vitest';
import { proveStacks, stacksOf } from './lab/stacks.ts';

/** The same stacks every time; npm run stacks -- --count N --seed S builds others. */
it('random stacks close in full and come back clean; with a process in the way only what it stands on stays, and it is named', async () => {
  await proveStacks(stacksOf(1, 20), { say: (line) => process.stderr.write(`${line}\n`) });
}, 1_200_000);
