import { afterEach, beforeAll, expect, it } from 'vitest';
import { examine } from './lab/examine.ts';
import { installProgram } from './lab/installed.ts';
import { bootMachine, type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';
import { expectAllClosed, stackOf } from './lab/shutdown-proof.ts';

/** What one shutdown leaves for the next boot to know of it, on a host whose only file system in the clear lies on an array. */
const HOST = 'rented-server';
const RECEIPT = '/boot/uninitramfs.receipt';
const LAST = 'uninitramfs last || echo "exit code $?"';

let machine: Machine | undefined;
beforeAll(() => prepareMachine(HOST), PREPARATION_MS);
afterEach(() => machine?.stop());

it('leaves a receipt on the array of /boot, which is clean afterwards, and tells of one shutdown alone', async () => {
  machine = await startMachine(HOST);
  await machine.run(`mkdir -p /etc/uninitramfs && echo 'receipt = "${RECEIPT}"' >/etc/uninitramfs/uninitramfs.toml`);
  await installProgram(machine, { live: true });
  expect(await machine.run(LAST)).toContain('no receipt: none was left');
  const before = await stackOf(machine);
  const boot = (await machine.run('cat /proc/sys/kernel/random/boot_id')).trim();
  expect((await machine.end('systemctl poweroff')).reason).toBe('guest-shutdown');
  expectAllClosed(machine.console(), before);
  // systemd has stopped the array; it is put together again when everything is closed.
  expect(machine.console()).toMatch(/everything is closed[\s\S]*md\/raid1:md0: active with 2 out of 2[\s\S]*\[ {2}OK {2}\] leave a receipt for the next boot/);
  await machine.off();
  expect(await examine(machine.folder)).toEqual([]);

  machine = await bootMachine(HOST, machine.folder);
  // As its unit does; the next boot of this lab has none enabled before it is asked.
  expect(await machine.run(`systemctl is-active --wait uninitramfs-exitrd || systemctl start uninitramfs-exitrd; wc -c <${RECEIPT}`, 240)).toMatch(/\b1024\b/);
  const told = await machine.run(LAST);
  expect(told).toMatch(/^\[ {2}ok {2}\] last shutdown: everything closed in \d+\.\d s, keys wiped\n/);
  expect(told).toMatch(/uninitramfs \d+\.\d+\.\d+\): poweroff, 20\d\d-/);
  expect(told).toContain(`steps done: ${before.titles.length} of ${before.titles.length}`);
  expect(told).toContain(`the boot that ended: ${boot}, after `);
  expect(await machine.run('uninitramfs audit || true')).toMatch(/Last shutdown\n {2}\[ +ok +\] everything closed in/);
  expect(JSON.parse(await machine.run('uninitramfs last --json'))).toMatchObject({
    from: 'receipt',
    mark: 'good',
    receipt: { boot, verb: 'poweroff', left: [], whole: true },
  });

  // The power is cut: what is there tells of the shutdown before.
  await machine.run('sync; echo more >/root/more; sync');
  await machine.off();
  machine = await bootMachine(HOST, machine.folder);
  const judged = await machine.run(LAST);
  expect(judged).toContain('no receipt: the one that is there is of an earlier shutdown');
  expect(judged).toMatch(/recover|orphan/);
  expect(judged).toContain('exit code 1');
}, 900_000);
