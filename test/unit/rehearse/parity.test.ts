import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { MiniOp } from '../../../src/model/miniature.ts';
import type { Op, Step } from '../../../src/model/step.ts';
import { compile, fill, sum } from '../../../src/rehearse/script.ts';
import { call } from '../../../src/run/call.ts';
import { runStep } from '../../../src/run/step.ts';
import { openDoor } from '../../../src/sources/door.ts';

/**
 * What a miniature is made with and what the live runner does, side by side: where both can say the same, the same data must call the
 * same programs with the same words and the same input, leave the same files, and end the same way, in each shell.
 */
const SHELLS: readonly (readonly string[])[] = [['bash', '--posix'], ['dash'], ['busybox', 'ash']];
const base = mkdtempSync(join(tmpdir(), 'uninitramfs-mini-parity-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

/** Writes down how it was called, does something to a file, and ends as told. */
const TOOL = `#!/bin/sh
at=\${0%/*}
{ printf '%s\\n' "$#"; printf '[%s]' "$@"; printf '\\n'; } >>"$at/log"
case $1 in
  make) : >"$at/$2" ;;
  drop) rm -f "$at/$2" ;;
  eat) cat >"$at/$2" ;;
  fail) echo "because of $2" >&2; exit "$2" ;;
esac
`;
/** Stands before the real one: what is to be done inside the root is written down, and done here. */
const CHROOT = `#!/bin/sh
printf 'inside %s\\n' "$1" >>"\${0%/*}/../log"
shift
exec "$@"
`;

/** Who waits in vain would wait for ten seconds. */
const NO_SLEEP = 'sleep() { :; }';

const AT = '/@playground@';
const TARGET = '/the target';
const file = fc.constantFrom('a', 'b c', "d'e", '$(id)', 'n\nl', '-x');
const word = fc.oneof(
  fc.constantFrom('', ' ', "it's", '"', '$(id)', '`id`', '$HOME', '\\', '\\n', 'a\nb', '\n', '*', '%s', '-n', '~', '#', '!', ';', '&&', 'ü'),
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((each) => !each.includes('\0')),
);

const argv = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom('make', 'drop', 'eat'), file).map(([verb, name]) => [`${AT}/tool`, verb, name] as const) },
  { weight: 4, arbitrary: fc.array(word, { maxLength: 4 }).map((words) => [`${AT}/tool`, 'say', ...words] as const) },
  { weight: 2, arbitrary: fc.constantFrom('1', '5', '127').map((code) => [`${AT}/tool`, 'fail', code] as const) },
  // A word that means something to a shell is a program like any other.
  { weight: 1, arbitrary: fc.constantFrom<[string, ...string[]]>(['/no/such tool', 'x'], ['exit', '0'], ['break'], ['set', '+e'], ['true'], ['false']) },
);

const op: fc.Arbitrary<MiniOp> = fc
  .record({
    argv: fc.option(argv, { nil: undefined, freq: 9 }),
    input: fc.option(word, { nil: undefined }),
    until: fc.option(
      file.map((name) => `${AT}/${name}`),
      { nil: undefined, freq: 1 },
    ),
    inside: fc.boolean(),
    mayFail: fc.boolean(),
  })
  .map(({ argv: words, input, until, inside, mayFail }) => ({
    ...(words && { argv: words, ...(input !== undefined && { input }), ...(inside && { inside }), ...(mayFail && { mayFail }) }),
    ...(until !== undefined && { until }),
  }));

let count = 0;
function playground(): string {
  const at = join(base, String(++count));
  mkdirSync(join(at, 'bin'), { recursive: true });
  writeFileSync(join(at, 'tool'), TOOL, { mode: 0o755 });
  writeFileSync(join(at, 'bin/chroot'), CHROOT, { mode: 0o755 });
  writeFileSync(join(at, 'a'), 'here\n');
  return at;
}

const moved = <T>(value: T, at: string): T => JSON.parse(JSON.stringify(value).replaceAll(AT, at)) as T;

function traces(at: string): Record<string, string> {
  const names = readdirSync(at).filter((name) => name !== 'tool' && statSync(join(at, name)).isFile());
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(at, name), 'utf8').replaceAll(at, AT)]));
}

/** One op after the other, by the live runner's own means. */
async function live(ops: readonly MiniOp[], at: string): Promise<boolean> {
  for (const each of moved(ops, at)) {
    if (each.argv) {
      const words = [...(each.inside ? ([join(at, 'bin/chroot'), TARGET] as const) : []), ...each.argv] as [string, ...string[]];
      const isDone = each.input === undefined ? await step({ op: 'run', argv: words }) : (await call(words, { seconds: 20, input: each.input })).is === 'ok';
      if (!isDone && !each.mayFail) return false;
    }
    if (each.until !== undefined && !(await step({ op: 'wait', until: { is: 'exists', path: each.until }, seconds: 0.05 }))) return false;
  }
  return true;
}

async function step(only: Op): Promise<boolean> {
  const whole: Step = {
    id: 's',
    title: 's',
    node: 'n',
    closes: [],
    stage: 'live',
    unless: { is: 'exists', path: '/no/such' },
    ops: [only],
    needs: [],
    seconds: 20,
    onFail: 'stop',
  };
  return (await runStep(whole, openDoor())).outcome === 'done';
}

async function inShell(shell: readonly string[], script: string, at: string): Promise<{ isDone: boolean; out: string; err: string }> {
  const [command = '', ...options] = shell;
  const { exitCode, stdout, stderr } = await execa(command, [...options, '-c', `set -eu\n${NO_SLEEP}\n${script}`], {
    env: { PATH: `${at}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, LC_ALL: 'C.UTF-8' },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
    timeout: 60_000,
  });
  return { isDone: exitCode === 0, out: stdout, err: stderr };
}

async function together(tasks: readonly (() => Promise<void>)[]): Promise<void> {
  const todo = [...tasks];
  const work = async (): Promise<void> => {
    for (let next = todo.shift(); next; next = todo.shift()) await next();
  };
  await Promise.all(Array.from({ length: 6 }, work));
}

describe.each(SHELLS)('%s', (...shell) => {
  it('makes of the same operations what the live runner makes of them', async () => {
    // busybox has a chroot of its own, and would not look for ours.
    const anyOp = shell.includes('ash') ? op.map(({ inside: _, ...rest }) => rest) : op;
    const samples = fc.sample(fc.array(anyOp, { minLength: 1, maxLength: 4 }), { numRuns: 80, seed: Number(process.env.PARITY_SEED ?? 20_260_102) });
    await together(
      samples.map((ops) => async () => {
        const [first, second] = [playground(), playground()];
        const isDone = await live(ops, first);
        const ended = await inShell(shell, compile(moved(ops, second), TARGET), second);
        expect({ ops, isDone: ended.isDone, traces: traces(second) }).toEqual({ ops, isDone, traces: traces(first) });
      }),
    );
  });

  it('gives a command every byte of its input and of its words', async () => {
    const samples = fc.sample(fc.tuple(word, word), { numRuns: 40, seed: 3 });
    await together(
      samples.map(([said, fed]) => async () => {
        const at = playground();
        await inShell(shell, compile([{ argv: [join(at, 'tool'), 'eat', 'b c'], input: fed }, { argv: [join(at, 'tool'), 'say', said] }], TARGET), at);
        expect(traces(at)).toMatchObject({ 'b c': fed, log: `2\n[eat][b c]\n2\n[say][${said}]\n` });
      }),
    );
  });

  it('says what did not appear, and does nothing more', async () => {
    const at = playground();
    const script = compile([{ until: `${at}/it's $(not) here` }, { argv: [join(at, 'tool'), 'make', 'late'] }], TARGET);
    const { isDone, err } = await inShell(shell, script, at);
    expect({ isDone, err, files: Object.keys(traces(at)) }).toEqual({
      isDone: false,
      err: `${at}/it's $(not) here did not appear within 10 s`,
      files: ['a'],
    });
  });

  it('fills what is data, and sums the same bytes again', async () => {
    const at = playground();
    const data = { path: join(at, "d'e $(id)"), kilobytes: 3 };
    const filled = await inShell(shell, fill(data), at);
    const bytes = readFileSync(data.path);
    expect([bytes.length, filled.out]).toEqual([3072, createHash('sha256').update(bytes).digest('hex')]);
    writeFileSync(data.path, 'more, which was not filled', { flag: 'a' });
    expect((await inShell(shell, sum(data), at)).out).toBe(filled.out);
  });
});
