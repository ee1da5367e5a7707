import { parseArgs } from 'node:util';
import { proveStacks } from '../vm/lab/stacks.ts';

/** Builds random stacks for real and takes them down: npm run stacks -- --count 1000 --seed 7. A failure prints how to see it again. */
const { values } = parseArgs({ options: { count: { type: 'string', default: '100' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) } } });
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isInteger(count) || !Number.isInteger(seed) || count < 1) {
  process.stderr.write('stacks: --count and --seed take whole numbers\n');
  process.exit(2);
}
process.stderr.write(`${count} stacks, seed ${seed}\n`);
try {
  await proveStacks({ count, seed, say: (line) => process.stderr.write(`${line}\n`) });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\nagain: npm run stacks -- --count ${count} --seed ${seed}\n`);
  process.exit(1);
}
process.exit(0);
