import { expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
import { swift } from '../../../src/plan/swift.ts';
import { FakeHost } from '../support/fake-host.ts';

function host(): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  const crypt = host.crypt(host.disk(), 'data');
  host.mount([host.lv([crypt], 'vg', 'one')], '/srv/one');
  host.mount([], '/mnt/net', 'nfs4', 'server:/export');
  return host;
}

function commands(made: FakeHost): Record<string, unknown> {
  const { plan, graph, src } = auditThrough(made.door(), []);
  const steps = swift(plan.steps, graph, src.door, '/h');
  return Object.fromEntries(steps.map(({ title, ops }) => [title, ops.flatMap((op) => (op.op === 'run' ? [op.argv.join(' ')] : []))]));
}

it('asks the kernel itself where that is all there is to do, and the tools elsewhere', () => {
  expect(commands(host())).toMatchObject({
    'unmount /srv/one': ['/h unmount /srv/one'],
    'deactivate VG vg (one)': ['/h unmap vg-one'],
    'close LUKS2 data': ['/h unmap data'],
    'unmount /mnt/net': ['umount /mnt/net'],
  });
});

it("leaves a shared VG's lock to lvm2, and a mount that umount has a record of to umount", () => {
  const shared = host();
  shared.files.set('/run/lvm/lvmlockd.socket', '');
  shared.files.set('/run/mount/utab', 'SRC=/dev/vg/one TARGET=/srv/one ROOT=/ OPTS=user=x\n');
  expect(commands(shared)).toMatchObject({ 'unmount /srv/one': ['umount /srv/one'], 'deactivate VG vg (one)': ['vgchange -an vg'] });
});
