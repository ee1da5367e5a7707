import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { ensureHostImage } from './lab/host-image.ts';
import { bootMachine, type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';
import { hostSecrets } from './residue/host-secrets.ts';
import { hitsOf, KEY_KINDS, residueIn } from './residue/residue.ts';

let machine: Machine | undefined;
beforeAll(() => prepareMachine('rented-server'), PREPARATION_MS);
afterEach(() => machine?.stop());

it('drops the key of the root at once and powers off; what was written out before is there afterwards', async () => {
  const secrets = { ...(await hostSecrets(await ensureHostImage('rented-server', () => undefined))), markers: [], decoys: [] };
  const first = await startMachine('rented-server', { ram: true });
  machine = first;
  await first.install();
  expect((await first.try('uninitramfs panic', 60)).out).toMatch(/^This would take the key from cryptroot, and power off at once\./);
  await first.run('head -c 300000 /dev/urandom >/root/saved\nsync\nsha256sum /root/saved >/root/sums\nsync');
  const memory = openSync(first.ram ?? '', 'r');
  try {
    const { reason } = await first.end('uninitramfs panic --now', 60);
    expect(reason).toBe('guest-shutdown');
    expect(hitsOf(residueIn(memory, secrets), KEY_KINDS)).toEqual({});
  } finally {
    closeSync(memory);
  }
  await first.off();
  const second = await bootMachine('rented-server', first.folder);
  machine = second;
  await second.run('sha256sum --quiet -c /root/sums');
});
