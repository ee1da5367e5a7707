import { describe, expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
import { FakeHost } from '../support/fake-host.ts';

/** One bcachefs on three LUKS devices, mounted twice. */
function host(): FakeHost {
  const fake = new FakeHost();
  fake.mount([fake.disk()], '/');
  const members = ['a', 'b:c', 'd'].map((name) => fake.crypt(fake.disk(), name));
  fake.mount(members, '/srv/pool', 'bcachefs');
  return fake;
}

const titles = (fake: FakeHost, ...targets: string[]) => auditThrough(fake.door(), targets).plan.steps.map(({ title }) => title);
const ALL = ['unmount /srv/pool', 'close LUKS2 a', 'close LUKS2 b:c', 'close LUKS2 d', 'unmount /'];

describe('a bcachefs over several devices', () => {
  it.each([
    ['names all of them', '/dev/dm-0:/dev/dm-1:/dev/dm-2'],
    ['names them by mapping, with a colon in a name', '/dev/mapper/a:/dev/mapper/b:c:/dev/mapper/d'],
    ['names one member', '/dev/mapper/d'],
    ['names its UUID', 'UUID=00000021-0000-0000-0000-000000000000'],
    ['names what is no longer there', '/dev/mapper/old'],
  ])('keeps every member open while it is mounted: the mount table %s', (_, source) => {
    const fake = host();
    fake.source('/srv/pool', source);
    expect(titles(fake)).toEqual(ALL);
  });

  it('shows its mount once, and closes with what only it used', () => {
    const { report } = auditThrough(host().door(), ['/srv/pool']);
    expect(report.steps.map(({ title }) => title)).toEqual(ALL.slice(0, 4));
    expect(report.nodes.filter(({ kind }) => kind === 'bcachefs').map(({ mountpoints }) => mountpoints)).toEqual([['/srv/pool']]);
    expect(report.steps[0]?.commands).toEqual([['umount', '/srv/pool']]);
  });

  it('whose name tells nothing may be any of two: nothing of either closes before', () => {
    const fake = host();
    fake.mount([fake.crypt(fake.disk(), 'x'), fake.crypt(fake.disk(), 'y')], '/srv/other', 'bcachefs');
    fake.source('/srv/pool', 'UUID=1');
    const steps = auditThrough(fake.door(), []).plan.steps;
    const needs = (title: string) => steps.find((step) => step.title === title)?.needs;
    expect(needs('close LUKS2 x')).toEqual(['umount:/srv/other', 'umount:/srv/pool']);
    expect(needs('close LUKS2 a')).toEqual(['umount:/srv/pool']);
  });
});

it('a bcachefs of a kernel that tells nothing in sysfs lies on what the mount table names', () => {
  const fake = host();
  for (const path of fake.links.keys()) if (path.startsWith('/sys/fs/bcachefs')) fake.links.delete(path);
  expect(titles(fake)).toEqual(ALL);
});
