import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { auditThrough, readGraph, rehearsalTerms } from '../../../src/app/audit.ts';
import { rehearsalFindings } from '../../../src/findings/rehearsal.ts';
import type { Rehearsal, RehearsalRecord } from '../../../src/model/rehearsal.ts';
import { recordOf, writeRecord } from '../../../src/rehearse/record.ts';
import { readRecord, recordPath } from '../../../src/sources/rehearsal-record.ts';
import { outline } from '../../../src/topology/outline.ts';
import { FakeHost } from '../support/fake-host.ts';

const base = mkdtempSync(join(tmpdir(), 'uninitramfs-record-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

const GOOD: Rehearsal = {
  schema: 1,
  host: 'fake',
  phase: 'both',
  steps: [],
  standIns: [],
  notes: [],
  closed: 2,
  of: 2,
  open: [],
  asked: 5,
  unclean: [],
  keys: { found: 0, fragments: 8 },
  seconds: 20,
  ok: true,
};
const DATE = new Date('2026-03-04T05:06:07Z');
const PATH = recordPath(0);

function encrypted(more: (host: FakeHost) => void = () => undefined): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  host.mount([host.crypt(host.disk(), 'data')], '/srv');
  more(host);
  return host;
}

/** What the audit of a host says that was rehearsed when it was `then`. */
function said(then: FakeHost, now: FakeHost, result: Partial<Rehearsal> = {}): string[] {
  const { graph } = readGraph(then.door());
  now.files.set(PATH, JSON.stringify(recordOf({ ...GOOD, ...result }, DATE, rehearsalTerms(graph, then.door()))));
  return findingsOf(now);
}

function findingsOf(host: FakeHost): string[] {
  return auditThrough(host.door(), [])
    .report.findings.filter(({ code }) => code.startsWith('rehears'))
    .map(({ severity, text }) => `${severity} ${text}`);
}

describe('the audit and the last rehearsal', () => {
  it('says when it was and how it ended', () => {
    expect(said(encrypted(), encrypted())).toEqual(['info rehearsed on 2026-03-04 05:06 UTC: closed 2 of 2, clean, no key left']);
  });

  it('has nothing to say where there was none, or where the record is of no use', () => {
    const host = encrypted();
    for (const text of [
      undefined,
      '',
      '{',
      'null',
      '[]',
      '{"schema":2}',
      '{"schema":1,"date":"soon","phase":"both","ok":true,"verdict":"","stack":[],"tools":{}}',
    ]) {
      if (text !== undefined) host.files.set(PATH, text);
      expect(findingsOf(host)).toEqual([]);
    }
  });

  it('warns when it failed, with what was wrong', () => {
    const failed = { ok: false, closed: 1, open: ['dm data'], unclean: ['ext4 for /srv is not clean'], keys: { found: 3, fragments: 8 } };
    expect(said(encrypted(), encrypted(), failed)).toEqual([
      'warning rehearsed on 2026-03-04 05:06 UTC: closed 1 of 2 (still open: dm data), 1 of 5 checks failed, 3 fragments of keys left in memory',
    ]);
  });

  it('names what the stack has got and lost since', () => {
    const now = new FakeHost();
    now.mount([now.disk()], '/');
    now.mount([now.crypt(now.disk(), 'data', 'LUKS1')], '/srv');
    expect(said(encrypted(), now)[0]).toMatch(
      /no key left; since then the stack has got crypt LUKS1 data on disk sdb, mount ext4 \/srv on crypt LUKS1 data and .*, and the stack has lost crypt LUKS2 data on disk sdb, /,
    );
    expect(
      said(
        encrypted(),
        encrypted((host) => host.swap(host.disk())),
      )[0],
    ).toMatch(/; since then the stack has got disk sdc, swap/);
  });

  it('names the programs that were exchanged', () => {
    const record: RehearsalRecord = recordOf(GOOD, DATE, { stack: ['a'], tools: { cryptsetup: 'old', lvm: 'same', gone: 'x' } });
    const [finding] = rehearsalFindings(record, () => ({ stack: ['a'], tools: { cryptsetup: 'new', lvm: 'same', mdadm: 'also new' } }));
    expect(finding).toMatchObject({ code: 'rehearsal-outdated', severity: 'info', fix: 'uninitramfs rehearse' });
    expect(finding?.text).toMatch(/; since then other versions came of cryptsetup$/);
  });
});

describe('the outline of a stack', () => {
  it('is the same when the kernel numbers the mappings anew', () => {
    const build = (names: readonly string[]) => {
      const host = new FakeHost();
      const disks = new Map(['a', 'b'].map((name) => [name, host.disk()]));
      for (const name of names) host.mount([host.crypt(disks.get(name) as string, name)], `/srv/${name}`);
      return outline(readGraph(host.door()).graph);
    };
    expect(build(['b', 'a'])).toEqual(build(['a', 'b']));
  });

  it('is another when something lies on something else', () => {
    const build = (swapped: boolean) => {
      const host = new FakeHost();
      const disks = [host.disk(), host.disk()];
      for (const [index, name] of ['a', 'b'].entries()) host.crypt(disks[swapped ? 1 - index : index] as string, name);
      return outline(readGraph(host.door()).graph);
    };
    expect(build(true)).not.toEqual(build(false));
  });
});

describe('a record', () => {
  const record = recordOf(GOOD, DATE, { stack: ['disk sda'], tools: {} });

  it('is for its owner alone, and is read as it was written', () => {
    const path = join(base, 'new/uninitramfs/rehearsal.json');
    writeRecord(path, record);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    const host = new FakeHost();
    host.files.set(PATH, readFileSync(path, 'utf8'));
    expect(readRecord(host.door())).toEqual(record);
    expect(readdirSync(join(path, '..'))).toEqual(['rehearsal.json']);
  });

  it('takes the place of a link and leaves alone what that led to', () => {
    const folder = join(base, 'link');
    mkdirSync(folder);
    writeFileSync(join(base, 'precious'), 'mine');
    symlinkSync(join(base, 'precious'), join(folder, 'rehearsal.json'));
    symlinkSync(join(base, 'precious'), join(folder, `rehearsal.json.${process.pid}`));
    writeRecord(join(folder, 'rehearsal.json'), record);
    expect(readFileSync(join(base, 'precious'), 'utf8')).toBe('mine');
    expect(JSON.parse(readFileSync(join(folder, 'rehearsal.json'), 'utf8'))).toEqual(record);
  });

  it('is not written through a folder that is a link', () => {
    mkdirSync(join(base, 'elsewhere'));
    symlinkSync(join(base, 'elsewhere'), join(base, 'uninitramfs'));
    expect(() => writeRecord(join(base, 'uninitramfs/rehearsal.json'), record)).toThrow(/is a link/);
    expect(readdirSync(join(base, 'elsewhere'))).toEqual([]);
  });

  it('lies where each user keeps such things', () => {
    expect(recordPath(0, { XDG_STATE_HOME: '/elsewhere' })).toBe('/var/lib/uninitramfs/rehearsal.json');
    expect(recordPath(1000, { XDG_STATE_HOME: '/elsewhere' })).toBe('/elsewhere/uninitramfs/rehearsal.json');
    expect(recordPath(1000, { XDG_STATE_HOME: 'relative' })).toMatch(/^\/.*\/\.local\/state\/uninitramfs\/rehearsal\.json$/);
  });
});
