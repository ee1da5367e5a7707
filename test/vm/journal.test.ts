import { afterEach, beforeAll, expect, it } from 'vitest';
import { type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';

let machine: Machine | undefined;
beforeAll(() => prepareMachine('plain'), PREPARATION_MS);
afterEach(() => machine?.stop());

it('a live teardown by a unit has fields in the journal that an administrator can look for', async () => {
  const host = await startMachine('plain');
  machine = host;
  await host.install();
  await host.run(`truncate -s 8M /root/image && mke2fs -q -t ext4 /root/image && mkdir -p '/srv/a b' && mount -o loop /root/image '/srv/a b'
systemd-run --quiet --wait --unit=small teardown '/srv/a b'`);
  const found = await host.run('journalctl --sync; journalctl --no-pager -o json UNINITRAMFS_OUTCOME=done');
  const entries = found
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, string>);
  expect(entries.map(({ MESSAGE }) => MESSAGE)).toContain('Unmounted /srv/a b.');
  for (const entry of entries)
    expect(entry).toMatchObject({ SYSLOG_IDENTIFIER: 'uninitramfs', PRIORITY: '6', _TRANSPORT: 'journal', _SYSTEMD_UNIT: 'small.service' });
  expect(entries.find(({ MESSAGE }) => MESSAGE === 'Unmounted /srv/a b.')).toMatchObject({
    UNINITRAMFS_STEP: expect.any(String),
    UNINITRAMFS_NODE: 'mount:/srv/a b',
    MESSAGE_ID: '71b8b6cd809b44779964eea6664c40d2',
  });
  const told = await host.run('journalctl --no-pager -o cat -u small');
  expect(told).toMatch(/Nothing is left open: \d+ closed/);
  expect(told).not.toContain('[  OK  ]');

  // Without the helper: the same words and levels, and no fields.
  await host.run(`rm /usr/lib/uninitramfs/dist/uninitramfs-helper
mount -o loop /root/image '/srv/a b'
systemd-run --quiet --wait --unit=plain teardown '/srv/a b'; journalctl --sync`);
  expect(await host.run('journalctl --no-pager -o cat -u plain PRIORITY=6')).toContain('Unmounted /srv/a b.');
});
