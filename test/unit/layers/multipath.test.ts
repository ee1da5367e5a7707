import { describe, expect, it } from 'vitest';
import { auditThrough, readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import { liveShare } from '../../../src/plan/live-share.ts';
import { makeExitrdPlan } from '../../../src/plan/plan.ts';
import { parseMultipath } from '../../../src/sources/multipath.ts';
import { FakeHost } from '../support/fake-host.ts';

/** An LV and swap on partitions of a map with two paths, and a LUKS device elsewhere. */
function host(states: string, features?: string): FakeHost {
  const fake = new FakeHost();
  fake.mount([fake.disk()], '/');
  const map = fake.multipath([fake.disk(), fake.disk()], 'san a', states, features);
  const part = (n: number) => fake.mapping([map], `san a-part${n}`, `part${n}-mpath-3600`);
  fake.mount([fake.lv([part(1)], 'vg', 'one')], '/srv/one');
  fake.swap(part(2));
  fake.crypt(fake.disk(), 'elsewhere');
  return fake;
}

const plan = (fake: FakeHost) => auditThrough(fake.door(), []).plan.steps;
const codes = (fake: FakeHost) => auditThrough(fake.door(), []).report.findings.map(({ code }) => code);
const UNQUEUE = 'unqueue:san a';

describe('a map that queues', () => {
  it('is told to fail what waits before anything on it is closed, and nothing else waits for that', () => {
    const steps = plan(host('FF'));
    const needing = steps.filter(({ needs }) => needs.includes(UNQUEUE)).map(({ title }) => title);
    expect(needing.sort()).toEqual([
      'deactivate VG vg (one)',
      'flush multipath map san a',
      'remove mapping san a-part1',
      'remove mapping san a-part2',
      'turn off swap /dev/mapper/san a-part2',
      'unmount /srv/one',
    ]);
    expect(steps.find(({ id }) => id === UNQUEUE)?.needs).toEqual([]);
    expect(steps.map(({ id }) => id).indexOf(UNQUEUE)).toBeLessThan(steps.findIndex(({ title }) => title === 'unmount /srv/one'));
  });

  it('is asked first whether every path failed, the same paths in the same groups', () => {
    const step = plan(host('AF')).find(({ id }) => id === UNQUEUE);
    const word = (index: number, text: string) => ({ is: 'field', argv: ['dmsetup', 'status', 'san a'], index, text });
    expect(step?.unless).toEqual({ is: 'not', of: { is: 'all', of: [word(17, 'F'), word(14, 'F'), word(7, '1'), word(11, '2')] } });
    expect(step?.onFail).toBe('go-on');
  });

  it('is left alone by a plan that closes nothing on it, and found again in the exitrd', () => {
    const fake = host('AA');
    expect(auditThrough(fake.door(), ['elsewhere']).plan.steps.map(({ id }) => id)).not.toContain(UNQUEUE);
    const exitrd = makeExitrdPlan(readGraph(fake.door()).graph, layers).steps;
    expect(exitrd.find(({ id }) => id === UNQUEUE)?.ops).toEqual([
      { op: 'run', argv: ['dmsetup', 'message', 'san a', '0', 'fail_if_no_path'], okExit: [0, 1] },
    ]);
  });

  it('makes no live phase of a shutdown by itself', () => {
    const fake = new FakeHost();
    fake.mount([fake.multipath([fake.disk()], 'root', 'A')], '/');
    const { graph, plan: all } = auditThrough(fake.door(), []);
    expect(
      liveShare(
        graph,
        all.steps.filter(({ stage }) => stage === 'live'),
      ),
    ).toEqual([]);
  });

  it('with no path left is critical, and LVM does not look at it', () => {
    const fake = host('FF');
    fake.lv([fake.disk()], 'other', 'x');
    expect(codes(fake)).toContain('multipath-no-path');
    const step = auditThrough(fake.door(), []).report.steps.find(({ id }) => id === 'vgchange:other');
    expect(step?.commands[0]?.slice(0, 3)).toEqual(['vgchange', '--config', 'devices{global_filter=["r|^/dev/dm-0$|"]}']);
    expect(codes(host('FA'))).not.toContain('multipath-no-path');
  });
});

it('a map that fails at once needs no such step, and is named when it has no path', () => {
  expect(plan(host('FF', '0')).map(({ id }) => id)).not.toContain(UNQUEUE);
  expect(codes(host('FF', '0'))).toContain('multipath-failed');
});

it('nobody who may not ask the kernel is told anything', () => {
  const fake = host('FF');
  fake.answers.clear();
  expect(plan(fake).map(({ id }) => id)).not.toContain(UNQUEUE);
  expect(codes(fake).filter((code) => code.startsWith('multipath'))).toEqual([]);
});

describe('what dmsetup prints of a map', () => {
  const words = (text: string) => text.split(' ');

  it('is read with groups, handlers, and words of path selectors', () => {
    const status = words('0 8 multipath 2 0 0 0 2 1 E 0 2 2 8:16 A 0 0 1 8:32 F 3 0 1 D 1 7 1 2 8:48 F 1 0 1');
    const table = words('0 8 multipath 3 queue_if_no_path queue_mode bio 1 alua 2 1 service-time 0 2 2 8:16 1 1 8:32 1 1');
    expect(parseMultipath(status, table)).toEqual({
      queues: true,
      paths: 3,
      alive: 1,
      dead: [
        { index: 29, text: 'F' },
        { index: 19, text: 'F' },
        { index: 14, text: 'F' },
        { index: 7, text: '2' },
        { index: 11, text: '2' },
        { index: 26, text: '1' },
      ],
    });
  });

  it('of a map without any path says so', () => {
    expect(parseMultipath(words('0 8 multipath 2 0 0 0 0 0'), words('0 8 multipath 1 queue_if_no_path 0 0 0'))).toMatchObject({
      queues: true,
      paths: 0,
      alive: 0,
    });
  });

  it.each([
    '',
    '0 8 multipath',
    '0 8 multipath 2 0 0 0 99999 1',
    '0 8 multipath 2 0 0 0 1 1 A 0 1 2 8:16 X 0 0 1',
    '0 8 multipath 2 0 0 0 1 1 A 0 1 2 8:16 F 0',
  ])('is not believed where it is garbled: %s', (text) => expect(parseMultipath(words(text), [])).toBeUndefined());
});
