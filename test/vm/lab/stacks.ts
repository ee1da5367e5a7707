import fc from 'fast-check';
import { readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import { selectAll } from '../../../src/plan/select.ts';
import { makeRecipe, ROOT } from '../../../src/rehearse/recipe.ts';
import { Bench } from './bench.ts';
import { putInTheWay } from './in-the-way.ts';
import { type Move, randomStack, stackOf } from './random-stack.ts';
import { shrink } from './shrink.ts';

/** One stack in so many is also taken down with a process in the way. */
const IN_THE_WAY_EVERY = 4;
/** Times a failing stack is built anew to make it smaller; each takes some seconds. */
const SHRINK_TRIES = 40;

type Say = (line: string) => void;

/** The same seed gives the same stacks, whatever their count. */
export function stacksOf(seed: number, count: number): (readonly Move[])[] {
  return fc.sample(randomStack, { seed, numRuns: count });
}

/**
 * Builds stacks for real, lets the program take each down, and proves that nothing is left and everything comes back clean with the
 * same data; some with a process in the way. With `measure` each is also closed by hand, and both times are told.
 * @throws Error for the first that fails, with a smaller one that fails too.
 */
export async function proveStacks(stacks: readonly (readonly Move[])[], { measure = false, say }: { measure?: boolean; say: Say }): Promise<void> {
  const bench = new Bench();
  const times: Time[] = [];
  try {
    for (const [index, moves] of stacks.entries()) {
      try {
        const { line, time } = await proveStack(bench, moves, { measure, inTheWay: index % IN_THE_WAY_EVERY === 0 });
        if (time) times.push(time);
        say(`stack ${index + 1}: ${line}: ${kinds(moves)}`);
      } catch (error) {
        await bench.leave();
        say(`stack ${index + 1}: ${kinds(moves)}: ${firstLine(error)}`);
        if (!(await failsAlone(bench, moves)))
          throw new Error(`stack ${index + 1} fails after the others on one guest, and does not on a guest of its own: ${kinds(moves)}: ${firstLine(error)}`);
        const { smallest, why } = await makeSmaller(bench, moves, error, say);
        throw new Error(`a stack of ${kinds(smallest)} fails: ${why}\nthis one again: npm run stacks -- --stack '${JSON.stringify(smallest)}'`);
      }
    }
    if (times.length > 0) say(compare(times));
  } finally {
    await bench.end();
  }
}

interface Time {
  readonly hand: number;
  readonly program: number;
  /** Of the program's time, what passes before its first step: node starts, the host is read. */
  readonly start: number;
}

interface Proven {
  readonly line: string;
  readonly time?: Time;
}

async function proveStack(bench: Bench, moves: readonly Move[], { measure, inTheWay }: { measure: boolean; inTheWay: boolean }): Promise<Proven> {
  const read = readGraph(stackOf(moves).door());
  const recipe = makeRecipe(read, { layers, wanted: selectAll(read.graph).ids, has: () => true });
  const first = await bench.prove(recipe);
  const way = inTheWay
    ? putInTheWay(
        read.graph,
        ROOT,
        moves.flatMap((move) => move.pick).reduce((sum, pick) => sum + pick, 0),
      )
    : undefined;
  if (way) await bench.teardownWith(way);
  await bench.teardown();
  const line = `${recipe.steps.length} steps to build, closed in ${first.toFixed(1)} s${way ? `, and with a process in ${way.mount.path}` : ''}`;
  if (!measure) return { line };
  await bench.assemble(recipe);
  const hand = await bench.byHand(recipe, read.graph);
  await bench.assemble(recipe);
  const start = await bench.dryRun();
  const program = await bench.teardown();
  const time = { hand, program, start };
  return { line: `${line}; as it stood again ${tell(time)}`, time };
}

function tell({ hand, program, start }: Time): string {
  return `${program.toFixed(1)} s (${start.toFixed(1)} s to start), by hand ${hand.toFixed(1)} s: ${(program / hand).toFixed(2)} of it`;
}

/** Whether a stack that failed after others does so without them. */
async function failsAlone(bench: Bench, moves: readonly Move[]): Promise<boolean> {
  try {
    await proveStack(bench, moves, { measure: false, inTheWay: true });
    return false;
  } catch {
    await bench.leave();
    return true;
  }
}

/** A failing stack with fewer layers that fails too, for whatever reason. */
async function makeSmaller(bench: Bench, moves: readonly Move[], error: unknown, say: Say): Promise<{ smallest: readonly Move[]; why: string }> {
  let why = firstLine(error);
  const fails = async (shorter: readonly Move[]): Promise<boolean> => {
    try {
      await proveStack(bench, shorter, { measure: false, inTheWay: true });
      return false;
    } catch (again) {
      await bench.leave();
      why = firstLine(again);
      say(`  fails with less: ${kinds(shorter)}: ${why}`);
      return true;
    }
  };
  const smallest = await shrink(moves, fails, SHRINK_TRIES);
  return { smallest, why };
}

function compare(times: readonly Time[]): string {
  const ratios = times.map(({ hand, program }) => program / hand).sort((a, b) => a - b);
  const sum = (pick: (time: Time) => number) => times.reduce((all, time) => all + pick(time), 0);
  const all: Time = { hand: sum((time) => time.hand), program: sum((time) => time.program), start: sum((time) => time.start) };
  const slower = ratios.filter((ratio) => ratio > 1).length;
  const median = ratios[Math.floor(ratios.length / 2)]?.toFixed(2);
  return `all: ${tell(all)}; median ${median}, worst ${ratios.at(-1)?.toFixed(2)}; slower on ${slower} of ${times.length}`;
}

function kinds(moves: readonly Move[]): string {
  return moves.map((move) => move.kind).join(' ');
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}
