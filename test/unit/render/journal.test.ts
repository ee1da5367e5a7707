import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { audit } from '../../../src/app/audit.ts';
import type { Report, StepResult } from '../../../src/model/report.ts';
import type { Step } from '../../../src/model/step.ts';
import { endEntry, stepEntry } from '../../../src/render/journal.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

const step = (title: string): Step => ({
  id: 'umount:/srv',
  title,
  node: 'mount:/srv',
  closes: ['mount:/srv'],
  stage: 'live',
  needs: [],
  unless: { is: 'exists', path: '/gone' },
  ops: [{ op: 'run', argv: ['umount', '/srv'] }],
  seconds: 5,
  onFail: 'stop',
});
const entry = (title: string, result: Partial<StepResult>) =>
  Object.fromEntries(stepEntry(step(title), { step: 'umount:/srv', outcome: 'done', seconds: 0.04, ...result }));

describe('an entry of the journal', () => {
  it('reads as systemd has it, and has fields to look for', () => {
    expect(entry('unmount /srv', {})).toEqual({
      MESSAGE: 'Unmounted /srv.',
      MESSAGE_ID: expect.stringMatching(/^[0-9a-f]{32}$/),
      PRIORITY: '6',
      SYSLOG_IDENTIFIER: 'uninitramfs',
      UNINITRAMFS_STEP: 'umount:/srv',
      UNINITRAMFS_NODE: 'mount:/srv',
      UNINITRAMFS_OUTCOME: 'done',
      UNINITRAMFS_SECONDS: '0.04',
    });
  });

  it.each([
    [{ outcome: 'already' }, '6', 'Nothing to do, it was done: unmount /srv.'],
    [{ outcome: 'failed', error: 'target is busy.' }, '3', 'Failed to unmount /srv: target is busy.'],
    [{ outcome: 'abandoned', error: 'umount hangs' }, '3', 'Left behind: unmount /srv: umount hangs'],
    [{ outcome: 'skipped', error: 'interrupted' }, '4', 'Skipped: unmount /srv: interrupted'],
  ] as const)('tells of %j', (result, priority, message) => {
    expect(entry('unmount /srv', result)).toMatchObject({ PRIORITY: priority, MESSAGE: message, UNINITRAMFS_OUTCOME: result.outcome });
    expect(entry('unmount /srv', result).UNINITRAMFS_ERROR).toBe('error' in result ? result.error : undefined);
  });

  it('has an id of its own for each outcome', () => {
    const ids = (['done', 'already', 'failed', 'abandoned', 'skipped'] as const).map((outcome) => entry('x', { outcome }).MESSAGE_ID);
    expect(new Set(ids).size).toBe(5);
  });

  it('holds nothing in its message that a terminal would obey', () => {
    expect(entry('unmount /srv\x1b[2J\n', {}).MESSAGE).toBe('Unmounted /srv\\x1b[2J\\n.');
  });

  it('knows how each step of the reference hosts is called when it is done', () => {
    for (const host of readdirSync(FIXTURES))
      for (const { title } of audit(`${FIXTURES}${host}/sysroot`, []).plan.steps) expect(entry(title, {}).MESSAGE).not.toMatch(/^Done: /);
  });

  it('tells at the end what is left', () => {
    const report = { left: ['dev:dm-0', 'dev:md0'] } as unknown as Report;
    expect(endEntry(['Still open (2):', '  …'], report)).toEqual(
      expect.arrayContaining([
        ['MESSAGE', 'Still open (2):\n  …'],
        ['PRIORITY', '4'],
        ['UNINITRAMFS_LEFT', 'dev:dm-0'],
        ['UNINITRAMFS_LEFT', 'dev:md0'],
      ]),
    );
  });
});
