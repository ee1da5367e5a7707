import { describe, expect, it } from 'vitest';
import { auditThrough, readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import { makeExitrdPlan } from '../../../src/plan/plan.ts';
import { FakeHost } from '../support/fake-host.ts';

function hostWithRoot(): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  return host;
}

const steps = (host: FakeHost) => auditThrough(host.door(), []).report.steps.map(({ title, commands }) => [title, commands[0]?.join(' ')]);

describe('dm-verity alone', () => {
  it('closes without cryptsetup, before the loop devices of its data and its hashes', () => {
    const host = hostWithRoot();
    const loops = ['data', 'hashes'].map((file) => host.loop(`/images/${file}`, 'mount:/'));
    host.mount([host.crypt(loops[0] as string, 'image', 'VERITY')], '/usr/local', 'squashfs');
    host.links.set('/sys/block/dm-0/slaves/loop1', '../../../block/loop1');
    expect(steps(host)).toEqual([
      ['unmount /usr/local', 'umount /usr/local'],
      ['close verity image', 'dmsetup remove image'],
      ['detach loop0 from /images/data', 'losetup -d /dev/loop0'],
      ['detach loop1 from /images/hashes', 'losetup -d /dev/loop1'],
      ['unmount /', 'umount /oldroot'],
    ]);
    expect(loops).toEqual(['loop0', 'loop1']);
  });
});

describe('dm-integrity', () => {
  it('alone closes by itself, also with a name like that of a part of LUKS, and below an array', () => {
    const host = hostWithRoot();
    const members = ['a', 'b_dif'].map((name) => host.mapping([host.disk()], name, `CRYPT-INTEGRITY-${name}`));
    host.mount([host.md(members, 'raid1')], '/srv');
    expect(steps(host)).toEqual([
      ['unmount /srv', 'umount /srv'],
      ['stop array md0', 'mdadm --stop /dev/md0'],
      ['close integrity a', 'dmsetup remove a'],
      ['close integrity b_dif', 'dmsetup remove b_dif'],
      ['unmount /', 'umount /oldroot'],
    ]);
  });

  it('below LUKS2 goes with it, and in an exitrd after it', () => {
    const host = hostWithRoot();
    host.crypt(host.mapping([host.disk()], 'x_dif', 'CRYPT-INTEGRITY-0123-x_dif'), 'x');
    const { graph } = readGraph(host.door());
    expect(graph.node('dev:dm-0')?.close).toBe('implicit');
    const exitrd = makeExitrdPlan(graph, layers).steps.map(({ title, ops: [op] }) => [title, op.op === 'run' && op.argv.join(' ')]);
    expect(exitrd.slice(0, 2)).toEqual([
      ['close LUKS2 x', 'dmsetup remove x'],
      ['close INTEGRITY x_dif', 'dmsetup remove x_dif'],
    ]);
  });
});

it('neither of them encrypts: swap on it is swap in plain', () => {
  const host = hostWithRoot();
  host.swap(host.mapping([host.disk()], 'sums', 'CRYPT-INTEGRITY-sums'));
  const { findings } = auditThrough(host.door(), []).report;
  expect(findings.map(({ code }) => code)).toContain('swap-not-encrypted');
});
