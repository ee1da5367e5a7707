import { afterEach, beforeAll, expect, it } from 'vitest';
import { installProgram } from '../lab/installed.ts';
import { bootMachine, type Machine, PREPARATION_MS, prepareMachine, startMachine } from '../lab/machine.ts';

/** Exit code 1 is an answer. */
const LAST = 'uninitramfs last || true';

let machine: Machine | undefined;
beforeAll(() => prepareMachine('plain'), PREPARATION_MS);
afterEach(() => machine?.stop());

it('leaves a receipt in a variable of EFI firmware, and a second one in its place', async () => {
  machine = await startMachine('plain', { efi: true });
  await machine.run(`mkdir -p /etc/uninitramfs && echo 'receipt = "efi"' >/etc/uninitramfs/uninitramfs.toml`);
  await installProgram(machine, { live: true });
  expect(await machine.run('uninitramfs config')).not.toContain('Not possible here');
  expect((await machine.end('systemctl reboot')).reason).toBe('guest-reset');
  await machine.again();
  const variable = 'echo /sys/firmware/efi/efivars/UninitramfsLastShutdown-*';
  // Immutable, as each that the kernel does not know.
  expect(await machine.run(`lsattr "$(${variable})"`)).toMatch(/^-*i/);
  const boot = (await machine.run('cat /proc/sys/kernel/random/boot_id')).trim();
  expect(await machine.run(LAST)).toMatch(/everything closed in [\s\S]*: reboot, 20\d\d-/);
  await machine.run('systemctl is-active --wait uninitramfs-exitrd || systemctl start uninitramfs-exitrd', 240);
  expect((await machine.end('systemctl poweroff')).reason).toBe('guest-shutdown');
  expect(machine.console()).toContain('uninitramfs: [  OK  ] leave a receipt for the next boot');
  await machine.off();
  machine = await bootMachine('plain', machine.folder, { efi: true });
  const told = await machine.run(LAST);
  expect(told).toMatch(/everything closed in [\s\S]*: poweroff, 20\d\d-/);
  expect(told).toContain(`the boot that ended: ${boot}, after `);
}, 900_000);
