import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peakOf } from './peak.ts';
import { median, type Row } from './row.ts';
import { writeTree } from './tree.ts';

const RUNS = 9;
const MIB = 1 << 20;

type Command = readonly [string, ...string[]];

const dryRun = (sysroot: string): Command => ['node', 'dist/teardown.cjs', '--dry-run', '--json', '--sysroot', sysroot];
const lsblk = (sysroot: string): Command => ['lsblk', '--sysroot', sysroot, '-J'];
const NODE: Command = ['node', '-e', '0'];

/** Reading a host and planning its teardown, on made-up hosts of four sizes: the commands of a pair take turns, and the median of 9 pairs' ratios counts. */
export async function benchPlan(say: (line: string) => void): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-bench-'));
  const at = (count: number) => join(folder, String(count));
  const compare = (what: string, ours: Command, other: Command, goal: number): Row => {
    for (const command of [ours, other]) seconds(command);
    const pairs = Array.from({ length: RUNS }, () => [seconds(ours), seconds(other)] as const);
    const row = { what, goal, ours: median(pairs.map(([a]) => a)), other: median(pairs.map(([, b]) => b)), ratio: median(pairs.map(([a, b]) => a / b)) };
    say(`${what}: ${row.ratio.toFixed(2)}`);
    return row;
  };
  try {
    const devices = Object.fromEntries([10, 100, 1000, 10_000].map((count) => [count, writeTree(at(count), count)]));
    const rows = [
      compare(`\`teardown --dry-run\` of a host with ${devices[10]} block devices, against \`node -e 0\``, dryRun(at(10)), NODE, 2),
      compare('the same of the captured nas, against `node -e 0`', dryRun('test/fixtures/nas/sysroot'), NODE, 2),
      // lsblk was stopped after four minutes with 10,000.
      ...[100, 1000].map((count) =>
        compare(
          `\`teardown --dry-run --json --sysroot\` of ${devices[count]} block devices, against \`lsblk --sysroot -J\``,
          dryRun(at(count)),
          lsblk(at(count)),
          1,
        ),
      ),
      compare(`the same of ${devices[10_000]} block devices, against ${devices[1000]}`, dryRun(at(10_000)), dryRun(at(1000)), 12),
    ];
    for (const count of [100, 1000]) rows.push(await peaks(`${devices[count]} block devices`, dryRun(at(count)), lsblk(at(count))));
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seconds([tool, ...args]: Command): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(tool, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const took = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')}: exit ${status}: ${stderr}`);
  return took;
}

async function peaks(what: string, ours: Command, other: Command): Promise<Row> {
  const [own, others] = [await peakOf(ours), await peakOf(other)];
  const mib = (bytes: number) => Math.round(bytes / MIB);
  return {
    what: `peak memory for ${what}: ${mib(own)} MiB, against lsblk's ${mib(others)} MiB`,
    goal: Number.POSITIVE_INFINITY,
    ours: own,
    other: others,
    ratio: own / others,
  };
}
