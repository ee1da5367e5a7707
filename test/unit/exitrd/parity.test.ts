import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { compileSteps } from '../../../src/exitrd/compile.ts';
import type { Op, Probe, Step } from '../../../src/model/step.ts';
import { runSteps } from '../../../src/run/run.ts';
import { runStep } from '../../../src/run/step.ts';
import { openDoor } from '../../../src/sources/door.ts';
import { sortByNeeds } from '../../../src/topology/graph.ts';

/**
 * The two interpreters of steps, side by side: the live runner and the compiled sh, in each shell. The same steps must call the same
 * commands with the same words, leave the same files, and end the same way.
 */
const SHELLS: readonly (readonly string[])[] = [['bash', '--posix'], ['dash'], ['busybox', 'ash']];
/** systemd-shutdown hands it down to what it starts. */
const BLOCKED = '--block-signal=CHLD';
const hooks = new URL('../../../shutdown-hooks/', import.meta.url).pathname;
const base = mkdtempSync(join(tmpdir(), 'uninitramfs-parity-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Writes down how it was called, does something to a file, and ends as told. */
const TOOL = `#!/bin/sh
{ printf '%s\\n' "$#"; printf '[%s]' "$@"; printf '\\n'; } >>"$(dirname "$0")/log"
case $1 in
  make) : >"$(dirname "$0")/$2" ;;
  drop) rm -f "$(dirname "$0")/$2" ;;
  say) shift; printf '%s\\n' "$@" ;;
  fail) echo first; echo "because of $2" >&2; exit "$2" ;;
esac
`;

const FILES = ['a', 'b c', "d'e", '$(id)', 'n\nl', '-x'];
const file = fc.constantFrom(...FILES);
const text = fc.oneof(
  fc.constantFrom('', 'yes', ' no ', 'two words', "it's", '$(echo)', '`x`', '\\040', 'a\nb', '*', '"', '%s', '-n'),
  fc.string({ maxLength: 8 }).filter((each) => !each.includes('\0')),
);

function probes(at: string): fc.Arbitrary<Probe> {
  const leaf = fc.oneof(
    file.map((name): Probe => ({ is: 'exists', path: join(at, name) })),
    fc
      .record({ name: file, text: fc.constantFrom('yes', 'no', '', 'a\nb') })
      .map(({ name, text: wanted }): Probe => ({ is: 'equals', path: join(at, name), text: wanted })),
    fc.constantFrom<Probe>(
      { is: 'mounted', path: '/proc' },
      { is: 'mounted', path: '/proc', type: 'proc' },
      { is: 'mounted', path: '/proc', type: 'ext4' },
      { is: 'mounted', path: '/proc', mountId: 999_999 },
      { is: 'mounted', path: '/no such\nplace' },
      { is: 'swapped', path: '/no/swap' },
    ),
    fc
      .record({ index: fc.nat(3), text: fc.constantFrom('two', '*', '') })
      .map(({ index, text: wanted }): Probe => ({ is: 'field', argv: [join(at, 'tool'), 'say', 'one two', '* three'], index, text: wanted })),
    fc.constant<Probe>({ is: 'field', argv: [join(at, 'tool'), 'fail', '3'], index: 0, text: 'first' }),
  );
  const tree = fc.letrec<{ probe: Probe }>((tie) => ({
    probe: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      leaf,
      tie('probe').map((of): Probe => ({ is: 'not', of })),
      fc.array(tie('probe'), { maxLength: 3 }).map((of): Probe => ({ is: 'all', of })),
    ),
  }));
  return tree.probe;
}

function ops(at: string): fc.Arbitrary<Op> {
  const tool = join(at, 'tool');
  const unless = fc.option(probes(at), { nil: undefined }).map((probe) => (probe ? { unless: probe } : {}));
  const argv = fc.oneof(
    fc.tuple(fc.constantFrom('make', 'drop'), file).map(([verb, name]) => [tool, verb, name] as const),
    fc.array(text, { maxLength: 3 }).map((words) => [tool, 'say', ...words] as const),
    fc.constantFrom(1, 5, 127).map((code) => [tool, 'fail', String(code)] as const),
    fc.constant(['/no/such tool', 'x'] as const),
    // A word that is a function of the interpreter, or of the shell, is a program like any other.
    fc.constantFrom(['run', 'x'] as const, ['exit', '0'] as const, ['true'] as const),
  );
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .record({ argv, okExit: fc.constantFrom(undefined, [0], [0, 5], [127]), unless })
        .map(({ argv: words, okExit, unless: except }): Op => ({ op: 'run', argv: words, ...(okExit && { okExit }), ...except })),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({ name: file, text, unless })
        .map(({ name, text: what, unless: except }): Op => ({ op: 'write', path: join(at, name), text: what, ...except })),
    },
    { weight: 1, arbitrary: probes(at).map((until): Op => ({ op: 'wait', until, seconds: 1 })) },
  );
}

/** Steps below a directory that is the same word for both; each interpreter gets its own copy of it. */
const AT = '/@playground@';
const anyStep = fc
  .record({
    unless: probes(AT),
    ops: fc.array(ops(AT), { minLength: 1, maxLength: 3 }),
    closes: fc.boolean(),
    onFail: fc.constantFrom<'stop' | 'go-on'>('stop', 'go-on'),
    title: text,
  })
  .map(
    ({ closes, ...rest }): Step => ({
      ...rest,
      ops: rest.ops as unknown as [Op, ...Op[]],
      id: 's',
      node: 'n',
      closes: closes ? ['n'] : [],
      stage: 'live',
      needs: [],
      seconds: 20,
    }),
  );

let count = 0;
function playground(): string {
  const at = join(base, String(++count));
  mkdirSync(join(at, 'work'), { recursive: true });
  writeFileSync(join(at, 'tool'), TOOL, { mode: 0o755 });
  writeFileSync(join(at, 'a'), 'yes\n');
  writeFileSync(join(at, 'b c'), ' a\nb\n\n');
  return at;
}

const moved = <T>(value: T, at: string): T => JSON.parse(JSON.stringify(value).replaceAll(AT, at)) as T;

/** What a run left behind. */
function traces(at: string): Record<string, string> {
  const names = readdirSync(at).filter((name) => name !== 'tool' && statSync(join(at, name)).isFile() && !['plan', 'drive'].includes(name));
  const read = (name: string) => readFileSync(join(at, name), 'utf8').replaceAll(at, AT);
  return Object.fromEntries(names.map((name) => [name, name === 'log' ? distinctCalls(read(name)) : read(name)]));
}

/** Who waits asks again and again: how often is a matter of the clock, not of meaning. */
function distinctCalls(log: string): string {
  return [...new Set(log.split(/^(?=\d+$)/m))].join('');
}

async function inShell(shell: readonly string[], steps: readonly Step[], at: string): Promise<string[]> {
  writeFileSync(join(at, 'plan'), compileSteps(steps));
  const drive = `work=$1/work\n. ${hooks}probes.sh\n. ${hooks}steps.sh\nalive() { :; }\non_end() { echo "$1 $2"; }\n. "$1/plan"\nrun_plan\n`;
  writeFileSync(join(at, 'drive'), drive);
  const { stdout } = await promisify(execFile)('env', [BLOCKED, ...shell, join(at, 'drive'), at], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    timeout: 60_000,
  });
  const outcome = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  return steps.map((_, index) => outcome.get(String(index + 1)) ?? 'nothing');
}

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
    const steps = fc.sample(anyStep, { numRuns: 60, seed: Number(process.env.PARITY_SEED ?? 20_260_101) });
    await together(
      steps.map((step) => async () => {
        const live = playground();
        const { outcome } = await runStep(moved(step, live), openDoor());
        const sh = playground();
        const [outcomeInSh] = await inShell(shell, [moved(step, sh)], sh);
        expect({ step, outcome: outcomeInSh, traces: traces(sh) }).toEqual({ step, outcome, traces: traces(live) });
      }),
    );
  });

  it('runs a whole plan with the same outcomes, and nothing before its needs', { timeout: 240_000 }, async () => {
    const plan = fc
      .array(
        fc.record({
          code: fc.constantFrom(0, 0, 0, 1),
          onFail: fc.constantFrom<'stop' | 'go-on'>('stop', 'go-on'),
          needs: fc.array(fc.nat(7), { maxLength: 3 }),
          exclusive: fc.constantFrom(undefined, 'x'),
        }),
        { minLength: 1, maxLength: 8 },
      )
      .map((drafts) =>
        drafts.map(
          ({ code, onFail, needs, exclusive }, index): Step => ({
            id: `s${index}`,
            title: `step ${index}`,
            node: 'n',
            closes: [],
            stage: 'live',
            unless: { is: 'exists', path: '/no/such' },
            ops: [{ op: 'run', argv: [`${AT}/tool`, code === 0 ? 'say' : 'fail', code === 0 ? `${index}` : '1', `step ${index}`] }],
            needs: [...new Set(needs.filter((need) => need < index).map((need) => `s${need}`))],
            seconds: 20,
            onFail,
            ...(exclusive && { exclusive }),
          }),
        ),
      );
    await together(
      fc.sample(plan, { numRuns: 25, seed: 7 }).map((steps) => async () => {
        const live = playground();
        const results = await runSteps(moved(steps, live), {
          atOnce: 8,
          perform: (step) => runStep(step, openDoor()),
          forbid: () => undefined,
          onEnd: () => undefined,
          signal: new AbortController().signal,
        });
        const sh = playground();
        expect(await inShell(shell, moved(steps, sh), sh)).toEqual(results.map((result) => result.outcome));
        const order: string[] = (traces(sh).log ?? '').match(/step \d+/g) ?? [];
        expect([...order].sort()).toEqual(((traces(live).log ?? '').match(/step \d+/g) ?? []).sort());
        for (const step of steps)
          for (const need of step.needs) {
            if (order.includes(step.title)) expect(order.indexOf(`step ${need.slice(1)}`)).toBeLessThan(order.indexOf(step.title));
          }
      }),
    );
  });
});

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
  await Promise.all(SHELLS.map(async (shell) => expect(await inShell(shell, steps, playground())).toEqual(['failed', 'done', 'skipped', 'done'])));
});
