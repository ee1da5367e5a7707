import type { WipeLevel } from '../../src/model/config.ts';
import type { BootedHostName } from '../vm/lab/booted-hosts.ts';
import { makeDracutTree, placeDracutTree } from '../vm/lab/dracut.ts';
import { installProgram } from '../vm/lab/installed.ts';
import { type Machine, startMachine } from '../vm/lab/machine.ts';
import { benchCosts } from './costs.ts';
import { median, type Row } from './row.ts';
import { sdmemSecondsPerGib } from './sdmem.ts';

const ROUNDS = 5;
const MIB = 1 << 20;

type Prepare = (machine: Machine) => Promise<void>;

/** Seconds of one shutdown. */
interface Took {
  /** From "Reached target umount.target" to the moment the machine is off. */
  readonly end: number;
  /** From the command. */
  readonly whole: number;
  /** Of those, seconds that overwriting a GiB of memory took. */
  readonly gib: number | undefined;
}

const stock: Prepare = async () => undefined;
/** With this much wiped at the end. */
const ours =
  (wipe: WipeLevel): Prepare =>
  async (machine) => {
    await machine.run(`mkdir -p /etc/uninitramfs\necho 'wipe = "${wipe}"' >/etc/uninitramfs/uninitramfs.toml`);
    await installProgram(machine, { live: true });
  };

/** Ours against the stock system and against dracut, and the tree's size. Whole machines take turns. */
export async function benchShutdown(say: (line: string) => void): Promise<Row[]> {
  const cpio = await makeDracutTree(say);
  const dracut: Prepare = (machine) => placeDracutTree(machine, cpio);
  const trixie = await takeTurns('rented-server', { stock, closed: ours('off'), wiped: ours('keys'), memory: ours('memory') }, say);
  const nas = await takeTurns('nas', { stock, closed: ours('off'), wiped: ours('keys') }, say);
  const bookworm = await takeTurns('rented-server-bookworm', { dracut, closed: ours('off'), wiped: ours('keys') }, say);
  const what = 'shutdown of rented-server, from umount.target to power-off';
  const rows = [
    ratio(`${what}, everything closed, against the stock system, which leaves it open`, trixie.closed, trixie.stock, 'end', 1),
    ratio(`the same, and keys wiped from memory (the default)`, trixie.wiped, trixie.stock, 'end', 1),
    ratio(`the same, from \`systemctl poweroff\` to power-off`, trixie.wiped, trixie.stock, 'whole', Number.POSITIVE_INFINITY),
    ratio(`the same, from umount.target, and all free memory overwritten`, trixie.memory, trixie.stock, 'end', Number.POSITIVE_INFINITY),
    ratio(`shutdown of nas, from umount.target to power-off, everything closed, against the stock system`, nas.closed, nas.stock, 'end', 1),
    ratio(`the same, and keys wiped from memory`, nas.wiped, nas.stock, 'end', 1),
    ratio(`${what}, everything closed, against dracut's shutdown (Debian 12, dracut 059)`, bookworm.closed, bookworm.dracut, 'end', 0.5),
    ratio(`the same, and keys wiped from memory, which dracut does not`, bookworm.wiped, bookworm.dracut, 'end', 0.5),
  ];
  for (const row of rows) say(`${row.what}: ${row.ratio.toFixed(2)} (${row.ours.toFixed(2)} s, ${row.other.toFixed(2)} s)`);
  return [...rows, await sizeRow(dracut), ...(await benchCosts(median(trixie.stock.map(({ whole }) => whole)), say)), await fillRow(trixie.memory, say)];
}

async function fillRow(memory: readonly Took[], say: (line: string) => void): Promise<Row> {
  const own = median(memory.flatMap(({ gib }) => gib ?? []));
  const other = await sdmemSecondsPerGib(say);
  say(`a GiB overwritten: ${own.toFixed(1)} s, by sdmem ${other.toFixed(1)} s`);
  return { what: 'overwriting a GiB of free memory, against one pass of `sdmem -fll` (secure-delete)', ours: own, other, ratio: own / other, goal: 1 / 5 };
}

async function sizeRow(dracut: Prepare): Promise<Row> {
  const machine = await startMachine('rented-server-bookworm');
  try {
    await ours('keys')(machine);
    const size = async () => Number((await machine.run('du -s -B1 /run/initramfs')).split('\t')[0]);
    const own = await size();
    await machine.run('uninitramfs exitrd remove');
    await dracut(machine);
    const other = await size();
    return {
      what: `size of the exitrd of rented-server (${(own / MIB).toFixed(1)} MiB) against dracut's (${(other / MIB).toFixed(1)} MiB)`,
      ours: own,
      other,
      ratio: own / other,
      goal: (8 * MIB) / other,
    };
  } finally {
    await machine.stop();
  }
}

async function takeTurns<Name extends string>(
  host: BootedHostName,
  systems: Readonly<Record<Name, Prepare>>,
  say: (line: string) => void,
): Promise<Record<Name, Took[]>> {
  const names = Object.keys(systems) as Name[];
  const took = Object.fromEntries(names.map((name) => [name, [] as Took[]])) as Record<Name, Took[]>;
  for (let round = 0; round < ROUNDS; round++) {
    for (const name of names) took[name].push(await timeOf(host, systems[name]));
    say(`${host}, round ${round + 1}: ${names.map((name) => `${name} ${took[name].at(-1)?.end.toFixed(2)} s`).join(', ')}`);
  }
  return took;
}

function ratio(what: string, ones: readonly Took[], others: readonly Took[], part: 'end' | 'whole', goal: number): Row {
  return {
    what,
    goal,
    ours: median(ones.map((one) => one[part])),
    other: median(others.map((other) => other[part])),
    ratio: median(ones.map((one, n) => one[part] / (others[n] as Took)[part])),
  };
}

async function timeOf(host: BootedHostName, prepare: Prepare): Promise<Took> {
  const machine = await startMachine(host);
  try {
    await prepare(machine);
    const { reason, seconds: whole } = await machine.end('systemctl poweroff');
    const from = machine.lines().find((line) => /Reached target .*umount/.test(line.text))?.at;
    const to = machine.lines().at(-1)?.at;
    if (reason !== 'guest-shutdown' || from === undefined || to === undefined) throw new Error(`${host} did not power off: ${reason}`);
    const [, mib, took] = /overwrite (\d+) MiB of free memory .* {2}([\d.]+) s/.exec(machine.console()) ?? [];
    return { end: (to - from) / 1000, whole, gib: mib && took ? (Number(took) * 1024) / Number(mib) : undefined };
  } finally {
    await machine.stop();
  }
}
