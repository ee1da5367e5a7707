import { readdirSync } from 'node:fs';
import { styleText } from 'node:util';
import { describe, expect, it } from 'vitest';
import { posture } from '../../../src/app/posture.ts';
import type { Audited } from '../../../src/model/audit.ts';
import { renderAudit } from '../../../src/render/audit-text.ts';
import { renderMetrics } from '../../../src/render/metrics.ts';
import type { Paint } from '../../../src/render/words.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const audited = async (name: string) =>
  (await posture({ sysroot: `${FIXTURES}${name}/sysroot`, version: '1.2.3', date: new Date('2026-03-04T05:06:07Z'), hooks: '/nowhere' })).audited;
const plain: Paint = (_style, text) => text;
const coloured: Paint = (style, text) => styleText(style, text, { validateStream: false });
const NAS = await audited('nas');

describe('an audit on a terminal', () => {
  it.each(readdirSync(FIXTURES))('keeps to 80 columns for %s', async (name) => {
    for (const line of renderAudit(await audited(name), plain).split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it('answers first, then tells what to do', () => {
    const text = renderAudit(NAS, plain);
    expect(text).toMatch(/^nas: audit of 2026-03-04 05:06 UTC, by uninitramfs 1\.2\.3\n\nData: .*\n {2}\[ warn \] what is outside the root/);
    const parts = ['Data:', 'Hang:', 'Keys:', 'Findings: 3', 'Last rehearsal', 'Further'].map((part) => text.indexOf(`\n${part}`));
    expect(parts).toEqual([...parts].sort((a, b) => a - b));
    expect(parts).not.toContain(-1);
    expect(text).toContain('\n  [ note ] never, as far as is known here\n');
  });

  it('has the same words in colour', () => {
    expect(renderAudit(NAS, coloured).replace(/\u001b\[\d+m/g, '')).toBe(renderAudit(NAS, plain));
    expect(renderAudit(NAS, coloured)).not.toBe(renderAudit(NAS, plain));
  });

  it('lets no control character of a name through', () => {
    const evil: Audited = { ...NAS, host: 'a\u001b[31m', findings: [{ code: 'x', severity: 'info', text: 'b\u009b2J', fix: 'c\nd' }] };
    const text = renderAudit(evil, plain);
    expect(text).toContain('a\\x1b[31m');
    expect(text).toContain('b\\x9b2J');
    expect(text).toContain('fix: c\\nd');
  });

  it.each([
    [{ ok: true, changes: [] }, '[  ok  ] 2026-01-02 03:04 UTC: closed 28 of 28'],
    [{ ok: true, changes: ['the stack has got swap'] }, '[ note ] 2026-01-02 03:04 UTC: closed 28 of 28; since then the stack has got'],
    [{ ok: false, changes: [] }, '[ warn ] 2026-01-02 03:04 UTC: closed 28 of 28'],
  ])('tells of the last rehearsal %j', (more, line) => {
    const rehearsal = { date: '2026-01-02T03:04:05.000Z', phase: 'both', verdict: 'closed 28 of 28', ...more };
    const twice = { code: 'rehearsed', severity: 'info', text: 'rehearsed on', fix: 'nothing to do' } as const;
    const text = renderAudit({ ...NAS, rehearsal, findings: [twice] }, plain);
    expect(text).toContain(line);
    expect(text).toContain('Findings: none\n');
  });
});

describe('metrics', () => {
  const lines = (audit: Audited) => renderMetrics(audit).trimEnd().split('\n');
  const SAMPLE = /^(uninitramfs_[a-z_]+)(?:\{[a-z]+="(?:[^"\\\n]|\\[\\"n])*"\})? -?\d+$/;

  it('have help and type before their samples, and no name twice', () => {
    let current = '';
    const seen = new Set<string>();
    for (const [index, line] of lines(NAS).entries()) {
      const help = /^# HELP (\S+) \S.*\.$/.exec(line)?.[1];
      if (help) {
        expect(seen).not.toContain(help);
        seen.add(help);
        current = help;
        expect(lines(NAS)[index + 1]).toBe(`# TYPE ${help} gauge`);
      } else if (!line.startsWith('# TYPE ')) expect(SAMPLE.exec(line)?.[1]).toBe(current);
    }
    expect(seen.size).toBeGreaterThan(10);
    expect(renderMetrics(NAS)).toMatch(/\n$/);
  });

  it('say what the audit says', () => {
    const text = renderMetrics(NAS);
    for (const line of [
      'uninitramfs_build_info{version="1.2.3"} 1',
      'uninitramfs_findings{severity="warning"} 3',
      'uninitramfs_nodes{kind="crypt"} 9',
      'uninitramfs_steps{stage="live"} 21',
      'uninitramfs_stays_open 6',
      'uninitramfs_exitrd_installed 0',
      'uninitramfs_keyfile_devices_open 1',
      'uninitramfs_wipe_level{level="keys"} 1',
    ])
      expect(text).toContain(`\n${line}\n`);
  });

  it('leave out what is not known', () => {
    expect(renderMetrics(NAS)).not.toMatch(/rehearsal|new_since_plan/);
    const rehearsal = { date: '2026-01-02T03:04:05.000Z', phase: 'both', ok: false, verdict: '', changes: [] };
    const known = renderMetrics({ ...NAS, rehearsal, exitrd: { state: 'ours', newSincePlan: 2 } });
    expect(known).toContain(`\nuninitramfs_rehearsal_timestamp_seconds ${Date.UTC(2026, 0, 2, 3, 4, 5) / 1000}\n`);
    expect(known).toContain('\nuninitramfs_rehearsal_ok 0\n');
    expect(known).toContain('\nuninitramfs_rehearsal_current 1\n');
    expect(known).toContain('\nuninitramfs_exitrd_new_since_plan 2\n');
    expect(known).toContain('\nuninitramfs_exitrd_installed 1\n');
  });

  it('write a label as the format asks', () => {
    const odd = { ...NAS, counts: { ...NAS.counts, nodes: { 'a"b\\c\nd': 1 } } };
    expect(renderMetrics(odd)).toContain('uninitramfs_nodes{kind="a\\"b\\\\c\\nd"} 1\n');
    for (const line of lines(odd)) if (!line.startsWith('#')) expect(line).toMatch(SAMPLE);
  });
});
