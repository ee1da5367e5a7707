import { parseArgs } from 'node:util';
import { KINDS, type Move } from '../vm/lab/random-stack.ts';
import { proveStacks, stacksOf } from '../vm/lab/stacks.ts';

/**
 * Builds random stacks for real and takes them down, by the program and by hand: npm run stacks -- --count 1000 --seed 7. A failure
 * prints how to see it again.
 */
const { values } = parseArgs({
  options: { count: { type: 'string', default: '100' }, seed: { type: 'string', default: String(Date.now() % 1_000_000) }, stack: { type: 'string' } },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
const one = values.stack === undefined ? undefined : parseStack(values.stack);
if (!Number.isInteger(count) || !Number.isInteger(seed) || count < 1) refuse('--count and --seed take whole numbers');
const say = (line: string) => process.stderr.write(`${line}\n`);
say(one ? 'one stack' : `${count} stacks, seed ${seed}`);
try {
  await proveStacks(one ? [one] : stacksOf(seed, count), { measure: true, say });
} catch (error) {
  say(`${(error as Error).message}${one ? '' : `\nall of it again: npm run stacks -- --count ${count} --seed ${seed}`}`);
  process.exit(1);
}
process.exit(0);

function parseStack(text: string): Move[] {
  try {
    const moves = JSON.parse(text) as Move[];
    if (moves.length > 0 && moves.every(({ kind, pick }) => KINDS.includes(kind) && pick.length === 3)) return moves;
  } catch {
    // Said below.
  }
  return refuse('--stack takes what a failure printed');
}

function refuse(why: string): never {
  process.stderr.write(`stacks: ${why}\n`);
  process.exit(2);
}
