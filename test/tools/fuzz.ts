import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { fuzzParity } from '../fuzz/parity/fuzz.ts';
import type { Task, Told } from '../fuzz/worker.ts';

/**
 * Shows the program hosts that are garbled, for a night: npm run fuzz -- [--cases N] [--seed S] [--jobs N] [--parity N]
 * What fails is made smaller and kept in test/fuzz/corpus, where the tests find it; say why it is there and give it a name. With --parity
 * random steps run through the live runner and through the shells instead.
 */
const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: String(Math.trunc(Date.now() / 1000)) },
    jobs: { type: 'string', default: String(availableParallelism()) },
    parity: { type: 'string' },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const [seed, cases, jobs] = [number('seed'), number('cases'), number('jobs')];

/** How many cases have a seed of their own: as many as have to be done again to see one fail. */
const BATCH = 500;
/** A batch takes seconds. What hangs where no bound of its own helps is ended. */
const PATIENCE_SECONDS = 600;

const failures = values.parity === undefined ? await fuzzHosts() : await fuzzParity({ plans: number('parity'), seed, say });
process.exit(failures > 0 ? 1 : 0);

async function fuzzHosts(): Promise<number> {
  const tasks = Array.from({ length: Math.ceil(cases / BATCH) }, (_, index): Task => ({ seed: seed + index, cases: Math.min(BATCH, cases - index * BATCH) }));
  const total = { cases: 0, planned: 0, failures: 0 };
  let said = performance.now();
  const tell = () => say(`${total.cases} of ${cases} cases, ${total.planned} with a plan, ${total.failures} failures`);
  await Promise.all(
    Array.from({ length: Math.min(jobs, tasks.length) }, async () => {
      let worker = startWorker();
      for (let task = tasks.shift(); task; task = tasks.shift()) {
        const { planned, found } = await give(worker, task);
        total.cases += task.cases;
        total.planned += planned;
        if (found !== undefined) {
          total.failures++;
          say(`seed ${task.seed}: ${found}`);
        }
        if (!worker.connected) worker = startWorker();
        if (performance.now() - said < 10_000) continue;
        said = performance.now();
        tell();
      }
      worker.disconnect();
    }),
  );
  say(`seeds ${seed} to ${seed + Math.ceil(cases / BATCH) - 1}`);
  tell();
  return total.failures;
}

function startWorker(): ChildProcess {
  return fork(new URL('../fuzz/worker.ts', import.meta.url));
}

function give(worker: ChildProcess, task: Task): Promise<Told> {
  return new Promise((resolve) => {
    const lost = (found: string) => (): void => {
      worker.off('exit', died).off('message', hear);
      clearTimeout(timer);
      worker.kill('SIGKILL');
      if (worker.connected) worker.disconnect();
      resolve({ seed: task.seed, planned: 0, found });
    };
    const died = lost('the program took the whole process along');
    const timer = setTimeout(lost(`nothing for ${PATIENCE_SECONDS} s`), PATIENCE_SECONDS * 1000);
    const hear = (told: Told): void => {
      worker.off('exit', died);
      clearTimeout(timer);
      resolve(told);
    };
    worker.once('exit', died).once('message', hear).send(task);
  });
}

function number(name: 'seed' | 'cases' | 'jobs' | 'parity'): number {
  const value = Number(values[name]);
  if (Number.isSafeInteger(value) && value > 0) return value;
  say(`fuzz: --${name} takes a whole number`);
  process.exit(2);
}
