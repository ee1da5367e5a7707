import { installProgram } from '../vm/lab/installed.ts';
import { type Machine, startMachine } from '../vm/lab/machine.ts';
import { median, type Row } from './row.ts';
import { timed } from './timed.ts';

/** What the exitrd costs while the host runs: made at boot, its plan looked at or made anew at a shutdown that takes `shutdown` seconds. */
export async function benchCosts(shutdown: number, say: (line: string) => void): Promise<Row[]> {
  const machine = await startMachine('rented-server');
  try {
    await installProgram(machine, { live: true });
    const boot = await bootSeconds(machine);
    const renew = '/run/initramfs/usr/bin/busybox sh /run/initramfs/usr/lib/uninitramfs/renew.sh';
    const costs = {
      install: await secondsOf(machine, 'uninitramfs exitrd install'),
      look: await secondsOf(machine, renew),
      refresh: await secondsOf(machine, 'uninitramfs exitrd refresh'),
    };
    const rows = [
      row(
        'making the exitrd of rented-server, beside the end of the boot, against the boot of kernel and systemd',
        costs.install,
        boot,
        Number.POSITIVE_INFINITY,
      ),
      row('at shutdown, a look whether the plan of the boot still holds, against the whole stock shutdown', costs.look, shutdown, 0.05),
      row('the same where something is new, and the plan is made again, beside the other stops', costs.refresh, shutdown, 0.05),
    ];
    for (const { what, ratio, ours, other } of rows) say(`${what}: ${ratio.toFixed(2)} (${ours.toFixed(2)} s, ${other.toFixed(2)} s)`);
    return rows;
  } finally {
    await machine.stop();
  }
}

function row(what: string, ours: number, other: number, goal: number): Row {
  return { what, ours, other, ratio: ours / other, goal };
}

async function secondsOf(machine: Machine, command: string): Promise<number> {
  return median(await timed(machine, `${command} >/dev/null`));
}

/** The kernel's and the user space's part, in microseconds since its start (systemd(1), org.freedesktop.systemd1: FinishTimestampMonotonic). */
async function bootSeconds(machine: Machine): Promise<number> {
  return Number((await machine.run('systemctl show --value -p FinishTimestampMonotonic')).trim()) / 1e6;
}
