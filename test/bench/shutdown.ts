import type { BootedHostName } from '../vm/lab/booted-hosts.ts';
import { makeDracutTree, placeDracutTree } from '../vm/lab/dracut.ts';
import { type Machine, startMachine } from '../vm/lab/machine.ts';
import { installProgram } from '../vm/lab/shutdown-proof.ts';
import { median, type Row } from './row.ts';

/** From "Reached target umount.target" to the moment the machine is off, of whole machines that take turns. */
const RUNS = 5;
const MIB = 1 << 20;

type Prepare = (machine: Machine) => Promise<void>;

const stock: Prepare = async () => undefined;
const ours: Prepare = (machine) => installProgram(machine, { live: true });

/** Ours against the stock system and against dracut, and the tree's size. */
export async function benchShutdown(say: (line: string) => void): Promise<Row[]> {
  const cpio = await makeDracutTree(say);
  const dracut: Prepare = (machine) => placeDracutTree(machine, cpio);
  const rows = [
    await compare('rented-server', ours, stock, 'the stock system', 1, say),
    await compare('rented-server-bookworm', ours, stock, 'the stock system (Debian 12)', 1, say),
    await compare('rented-server-bookworm', ours, dracut, "dracut's shutdown (Debian 12, dracut 059)", 0.5, say),
  ];
  const machine = await startMachine('rented-server-bookworm');
  try {
    await installProgram(machine, { live: true });
    const size = async () => Number((await machine.run('du -s -B1 /run/initramfs')).split('\t')[0]);
    const own = await size();
    await machine.run('uninitramfs exitrd remove');
    await dracut(machine);
    const other = await size();
    rows.push({
      what: `size of the exitrd of rented-server (${(own / MIB).toFixed(1)} MiB) against dracut's (${(other / MIB).toFixed(1)} MiB)`,
      ours: own,
      other,
      ratio: own / other,
      goal: (8 * MIB) / other,
    });
  } finally {
    await machine.stop();
  }
  return rows;
}

async function compare(host: BootedHostName, one: Prepare, other: Prepare, name: string, goal: number, say: (line: string) => void): Promise<Row> {
  const pairs: (readonly [number, number])[] = [];
  for (let run = 0; run < RUNS; run++) pairs.push([await timeOf(host, one), await timeOf(host, other)]);
  const row = {
    what: `shutdown of ${host}, from umount.target to power-off, against ${name}`,
    goal,
    ours: median(pairs.map(([a]) => a)),
    other: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
  };
  say(`${row.what}: ${row.ratio.toFixed(2)} (${row.ours.toFixed(2)} s, ${row.other.toFixed(2)} s)`);
  return row;
}

async function timeOf(host: BootedHostName, prepare: Prepare): Promise<number> {
  const machine = await startMachine(host);
  try {
    await prepare(machine);
    const { reason } = await machine.end('systemctl poweroff');
    const from = machine.lines().find((line) => /Reached target .*umount/.test(line.text))?.at;
    const to = machine.lines().at(-1)?.at;
    if (reason !== 'guest-shutdown' || from === undefined || to === undefined) throw new Error(`${host} did not power off: ${reason}`);
    return (to - from) / 1000;
  } finally {
    await machine.stop();
  }
}
