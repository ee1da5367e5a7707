import { afterEach, beforeAll, expect, it } from 'vitest';
import { examine, kernelComplaints } from '../lab/examine.ts';
import { bootMachine, type Machine, PREPARATION_MS, prepareMachine, startMachine } from '../lab/machine.ts';

/** The checks of the other tests in this folder can fail: they do, for a machine that lost its power. */
let machine: Machine | undefined;
beforeAll(() => prepareMachine('rented-server'), PREPARATION_MS);
afterEach(() => machine?.stop());

it('a machine that lost its power is not clean, and its next boot says so', async () => {
  machine = await startMachine('rented-server');
  expect(await machine.run('findmnt -no OPTIONS /run')).toContain('noexec');
  await machine.run('date >/root/one\nsync\ndate >/root/two');
  await machine.off();
  expect(await examine(machine.folder)).toEqual(['/dev/md0 (ext3) is not clean', '/dev/mapper/vg0-root (ext4) is not clean']);
  machine = await bootMachine('rented-server', machine.folder);
  expect(kernelComplaints(machine.console()).join('\n')).toContain('recovery complete');
});
