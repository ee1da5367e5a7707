import { readFileSync } from 'node:fs';
import { afterEach, expect, it } from 'vitest';
import { examine, kernelComplaints } from './lab/examine.ts';
import { bootMachine, type Machine, startMachine } from './lab/machine.ts';

/** What Debian does by itself, on the machines that the program is tested on: the lab works, and its checks can fail. */
const COMPLAINT = 'Unable to finalize remaining DM devices, MD devices, ignoring';

let machine: Machine | undefined;
afterEach(() => machine?.stop());

it('poweroff leaves device-mapper and md behind, and says so', async () => {
  machine = await startMachine('rented-server', { ram: true });
  expect(await machine.run('findmnt -no OPTIONS /run')).toContain('noexec');
  const end = await machine.end('systemctl poweroff');
  expect(end.reason).toBe('guest-shutdown');
  expect(machine.console()).toContain(COMPLAINT);
  expect(readFileSync(machine.ram ?? '').includes(COMPLAINT)).toBe(true);
  await machine.off();
  // Read-only file systems and a RAID0, which has no state: nothing to put right at the next boot.
  expect(await examine('rented-server', machine.folder)).toEqual([]);
});

it('a machine that lost its power is not clean, and its next boot says so', async () => {
  machine = await startMachine('rented-server');
  await machine.run('date >/root/one\nsync\ndate >/root/two');
  await machine.off();
  expect(await examine('rented-server', machine.folder)).toEqual(['/dev/md0 (ext3) is not clean', '/dev/mapper/vg0-root (ext4) is not clean']);
  machine = await bootMachine('rented-server', machine.folder);
  expect(kernelComplaints(machine.console()).join('\n')).toContain('recovery complete');
});

it('reboot resets, and the next boot is clean', async () => {
  machine = await startMachine('rented-server');
  const before = machine.console().length;
  expect((await machine.end('systemctl reboot')).reason).toBe('guest-reset');
  expect(machine.console().slice(before)).toContain(COMPLAINT);
  await machine.again();
  expect(kernelComplaints(await machine.run('dmesg'))).toEqual([]);
});

it('kexec starts the next kernel', async () => {
  machine = await startMachine('rented-server');
  await machine.run('kexec --load /boot/vmlinuz-* --initrd="$(echo /boot/initrd.img-*)" --append="$(cat /proc/cmdline) second"', 120);
  machine.begin('systemctl kexec');
  await machine.again();
  expect(machine.console()).toContain('kexec_core: Starting new kernel');
  expect(await machine.run('cat /proc/cmdline')).toContain(' second');
});
