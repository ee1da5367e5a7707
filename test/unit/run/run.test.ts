import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { StepResult } from '../../../src/model/report.ts';
import type { Step } from '../../../src/model/step.ts';
import { call } from '../../../src/run/call.ts';
import { type RunOptions, runSteps } from '../../../src/run/run.ts';
import { runStep } from '../../../src/run/step.ts';
import { openDoor } from '../../../src/sources/door.ts';

const HELPER = new URL('../../../dist/uninitramfs-helper', import.meta.url).pathname;

const step = (id: string, needs: string[] = [], more: Partial<Step> = {}): Step => ({
  id,
  needs,
  title: id,
  node: id,
  closes: [id],
  stage: 'live',
  unless: { is: 'exists', path: '/nonexistent' },
  ops: [{ op: 'run', argv: ['true'] }],
  seconds: 5,
  onFail: 'stop',
  ...more,
});

/** Runs steps whose outcome is given by name; the log has what began and ended, in order. */
async function play(steps: Step[], outcomes: Record<string, StepResult['outcome']>, more: Partial<RunOptions> = {}) {
  const log: string[] = [];
  const results = await runSteps(steps, {
    atOnce: 4,
    perform: async ({ id }) => {
      log.push(`+${id}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return { step: id, outcome: outcomes[id] ?? 'done', seconds: 0 };
    },
    forbid: () => undefined,
    onEnd: ({ id }) => void log.push(`-${id}`),
    signal: new AbortController().signal,
    ...more,
  });
  return { log, outcome: Object.fromEntries(results.map((result) => [result.step, result.outcome])), results };
}

describe('runSteps', () => {
  it('runs independent branches side by side, and nothing before its needs', async () => {
    const { log } = await play([step('c', ['a', 'b']), step('a'), step('b')], {});
    expect(log).toEqual(['+a', '+b', '-a', '-b', '+c', '-c']);
  });

  it('skips what needs a failed step, and goes on with the rest', async () => {
    const { outcome, results } = await play([step('a'), step('b', ['a']), step('c', ['b']), step('d')], { a: 'failed' });
    expect(outcome).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', d: 'done' });
    expect(results.find((result) => result.step === 'b')?.error).toBe('not tried, because this was not done: a');
  });

  it('goes on after a courtesy that failed', async () => {
    const { outcome } = await play([step('flush', [], { onFail: 'go-on' }), step('close', ['flush'])], { flush: 'abandoned' });
    expect(outcome).toEqual({ flush: 'abandoned', close: 'done' });
  });

  it('finishes what runs and starts nothing new once interrupted', async () => {
    const stop = new AbortController();
    const { outcome } = await play([step('a'), step('b', ['a'])], {}, { signal: stop.signal, onEnd: () => stop.abort() });
    expect(outcome).toEqual({ a: 'done', b: 'skipped' });
  });

  it('runs no more at once than it may', async () => {
    const { log } = await play([step('a'), step('b'), step('c')], {}, { atOnce: 1 });
    expect(log).toEqual(['+a', '-a', '+b', '-b', '+c', '-c']);
  });

  it('never runs two steps with the same exclusive word at once', async () => {
    const { log } = await play([step('a', [], { exclusive: 'x' }), step('b', [], { exclusive: 'x' }), step('c')], {});
    expect(log.indexOf('-a')).toBeLessThan(log.indexOf('+b'));
    expect(log.indexOf('+c')).toBeLessThan(log.indexOf('-a'));
  });

  it('takes a fault of the interpreter for a failed step', async () => {
    const { outcome } = await play([step('a')], {}, { perform: () => Promise.reject(new Error('no')) });
    expect(outcome).toEqual({ a: 'failed' });
  });
});

describe('call', () => {
  it('gives output, exit codes and the last line of a failure', async () => {
    expect(await call(['echo', '$(id)', 'a b'], { seconds: 5 })).toEqual({ is: 'ok', output: '$(id) a b' });
    expect(await call(['sh', '-c', 'echo first; echo reason >&2; exit 3'], { seconds: 5 })).toEqual({ is: 'failed', message: 'reason' });
    expect(await call(['sh', '-c', 'exit 3'], { seconds: 5, okExit: [3] })).toMatchObject({ is: 'ok' });
    expect(await call(['no-such-tool-here'], { seconds: 5 })).toEqual({ is: 'failed', message: 'no-such-tool-here is not installed', missing: true });
  });

  it('kills what outlives its bound, with what it started', async () => {
    const start = performance.now();
    const outcome = await call(['sh', '-c', 'trap "" TERM INT; sleep 60 & sleep 60'], { seconds: 0.3 });
    expect(outcome).toMatchObject({ is: 'failed', message: expect.stringContaining('was killed') });
    expect(performance.now() - start).toBeLessThan(3000);
  });

  it('waits longer for what makes progress', async () => {
    const start = performance.now();
    const progress = async () => (performance.now() - start < 2000 ? String(performance.now()) : 'stuck');
    expect(await call(['sleep', '2.5'], { seconds: 1, progress })).toMatchObject({ is: 'ok' });
    expect(await call(['sleep', '60'], { seconds: 1, progress })).toMatchObject({ is: 'failed' });
  });

  it('asks for no progress of what is over', async () => {
    let asked = 0;
    const progress = async () => String(asked++);
    expect(await call(['sleep', '0.1'], { seconds: 60, progress })).toMatchObject({ is: 'ok' });
    await new Promise((resolve) => setTimeout(resolve, 1300));
    expect(asked).toBe(0);
  });

  it('tells commands that run one after another and side by side apart', async () => {
    const one = (n: number) => call(['sh', '-c', `sleep 0.${n % 3}; printf 'a\n\nb %s' ${n}; exit ${n % 2}`], { seconds: 5 });
    for (const batch of [1, 5, 9]) {
      const outcomes = await Promise.all(Array.from({ length: batch }, (_, n) => one(n)));
      expect(outcomes).toEqual(
        Array.from({ length: batch }, (_, n) => (n % 2 === 0 ? { is: 'ok', output: `a\n\nb ${n}` } : { is: 'failed', message: `b ${n}` })),
      );
    }
  });

  it('goes on after a command that ended its shell, and hears nothing of what one left running', async () => {
    expect(await call(['sh', '-c', 'kill -9 $PPID'], { seconds: 5 })).toMatchObject({ is: 'failed' });
    expect(await call(['sh', '-c', '(sleep 0.2; echo late) & echo now'], { seconds: 5 })).toEqual({ is: 'ok', output: 'now' });
    await new Promise((resolve) => setTimeout(resolve, 400));
    expect(await call(['echo', 'next'], { seconds: 5 })).toEqual({ is: 'ok', output: 'next' });
  });

  it('asks the helper that serves one thing after another, and goes on after what cannot be done', async () => {
    const ask = (...words: string[]) => call([HELPER, 'unmount', ...words], { seconds: 5 });
    const names = ["/no such/it's", '/no/$(id)', '/no/new\nline', '/no/ü'];
    const outcomes = await Promise.all([...names, ...names].map((name) => ask(name)));
    for (const [n, outcome] of outcomes.entries())
      expect(outcome).toEqual({ is: 'failed', message: `${names[n % names.length]?.split('\n').at(-1)}: No such file or directory` });
    expect(await call([HELPER, 'unmap', 'x'.repeat(200)], { seconds: 5 })).toMatchObject({
      is: 'failed',
      message: expect.stringContaining('no mapping has so long a name'),
    });
    expect(await ask('/one', '/two')).toMatchObject({ is: 'failed', message: expect.stringContaining('usage') });
  });

  it('runs programs and no builtin, with what they read', async () => {
    expect(await call(['exit', '0'], { seconds: 5 })).toMatchObject({ is: 'failed', missing: true });
    const input = `it's "$(id)" \\ %s\n\nü`;
    expect(await call(['cat'], { seconds: 5, input })).toEqual({ is: 'ok', output: input });
  });

  it('runs each command in a session without a terminal', async () => {
    const sessionOf = (stat: string) => stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3];
    const answer = await call(['cat', '/proc/self/stat'], { seconds: 5 });
    expect(answer.is === 'ok' && sessionOf(answer.output)).not.toBe(sessionOf(readFileSync('/proc/self/stat', 'utf8')));
  });

  it('hands a tool nothing of the environment', async () => {
    process.env.UNINITRAMFS_TEST = 'leak';
    expect(await call(['env'], { seconds: 5 })).toMatchObject({ output: expect.not.stringContaining('leak') });
  });
});

describe('runStep', () => {
  const door = openDoor();
  it('has nothing to do when it is done, fails when commands lie, and is done when only the command failed', async () => {
    expect(await runStep(step('a', [], { unless: { is: 'exists', path: '/proc' }, ops: [{ op: 'run', argv: ['false'] }] }), door)).toMatchObject({
      outcome: 'already',
    });
    expect(await runStep(step('a'), door)).toMatchObject({ outcome: 'failed', error: 'every command succeeded, but it is still open' });
    const marker = `/tmp/uninitramfs-test-${process.pid}`;
    const ops = [{ op: 'run', argv: ['sh', '-c', `: >${marker}; exit 1`] }] as const;
    expect(await runStep(step('a', [], { unless: { is: 'exists', path: marker }, ops }), door)).toMatchObject({ outcome: 'done' });
  });

  it('tries again for as long as it is told, and says why it gave up', async () => {
    const counter = `/tmp/uninitramfs-count-${process.pid}`;
    const ops = [{ op: 'run', argv: ['sh', '-c', `echo x >>${counter}; [ $(wc -l <${counter}) -ge 3 ]`], retrySeconds: 5 }] as const;
    expect(await runStep(step('a', [], { closes: [], ops }), door)).toMatchObject({ outcome: 'done' });
    expect(await runStep(step('b', [], { ops: [{ op: 'write', path: '/proc/nothing', text: '1' }] }), door)).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('/proc/nothing'),
    });
    expect(await runStep(step('c', [], { ops: [{ op: 'wait', until: { is: 'exists', path: '/nonexistent' }, seconds: 0.2 }] }), door)).toMatchObject({
      error: 'nothing happened for 0.2 s',
    });
  });
});
