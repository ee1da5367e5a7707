import { it } from 'vitest';
import { proveStacks } from './lab/stacks.ts';

/** The same stacks every time; npm run stacks -- --count N --seed S builds others. */
it('random stacks close in full and come back clean', async () => {
  await proveStacks({ count: 20, seed: 1, say: (line) => process.stderr.write(`${line}\n`) });
}, 1_200_000);
