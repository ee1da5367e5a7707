import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchLive } from './live.ts';
import { peakOf } from './peak.ts';
import { median, type Row } from './row.ts';
import { benchShutdown } from './shutdown.ts';
import { writeTree } from './tree.ts';

/**
 * Ratios, measured side by side in one run: the commands of a pair take turns, and the median of the pairs' ratios counts.
 * Writes docs/BENCHMARKS.md.
 */
const RUNS = 9;

type Command = readonly [string, ...string[]];

function seconds([tool, ...args]: Command): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(tool, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const took = Number(process.hrtime.bigint() - start) / 1e9;
  if (status !== 0) throw new Error(`${tool} ${args.join(' ')}: exit ${status}: ${stderr}`);
  return took;
}

function compare(what: string, ours: Command, other: Command, goal: number): Row {
  for (const command of [ours, other]) seconds(command);
  const pairs = Array.from({ length: RUNS }, () => [seconds(ours), seconds(other)] as const);
  const row = { what, goal, ours: median(pairs.map(([a]) => a)), other: median(pairs.map(([, b]) => b)), ratio: median(pairs.map(([a, b]) => a / b)) };
  process.stdout.write(`${what}: ${row.ratio.toFixed(2)} (${Number.isFinite(goal) ? `goal: at most ${goal}` : 'no goal'})\n`);
  return row;
}

async function peaks(what: string, ours: Command, other: Command): Promise<Row> {
  const [own, others] = [await peakOf(ours), await peakOf(other)];
  return {
    what: `peak memory of the same for ${what} (${Math.round(own / MIB)} MiB against ${Math.round(others / MIB)} MiB)`,
    goal: Number.POSITIVE_INFINITY,
    ours: own,
    other: others,
    ratio: own / others,
  };
}

const MIB = 1 << 20;
const say = (line: string) => void process.stdout.write(`${line}\n`);
const lsblk = (sysroot: string): Command => ['lsblk', '--sysroot', sysroot, '-J'];
const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-bench-'));
const dryRun = (sysroot: string): Command => ['node', 'dist/teardown.cjs', '--dry-run', '--json', '--sysroot', sysroot];
try {
  const devices = Object.fromEntries([10, 100, 1000, 10_000].map((count) => [count, writeTree(join(folder, String(count)), count)]));
  const rows = [
    compare(`\`teardown --dry-run\` of a host with ${devices[10]} block devices against \`node -e 0\``, dryRun(join(folder, '10')), ['node', '-e', '0'], 2),
    compare('`teardown --dry-run` of the captured nas against `node -e 0`', dryRun('test/fixtures/nas/sysroot'), ['node', '-e', '0'], 2),
    ...[100, 1000, 10_000].map((count) =>
      compare(
        `\`teardown --dry-run --json --sysroot\` of ${devices[count]} block devices against \`lsblk --sysroot -J\``,
        dryRun(join(folder, String(count))),
        lsblk(join(folder, String(count))),
        1,
      ),
    ),
    compare(`${devices[10_000]} block devices against ${devices[1000]}`, dryRun(join(folder, '10000')), dryRun(join(folder, '1000')), 12),
    ...(await Promise.all(
      [100, 1000, 10_000].map((count) => peaks(`${devices[count]} block devices`, dryRun(join(folder, String(count))), lsblk(join(folder, String(count))))),
    )),
    ...(await benchLive(say)),
    ...(await benchShutdown(say)),
  ];
  const version = spawnSync('lsblk', ['--version'], { encoding: 'utf8' }).stdout.trim();
  const table = rows.map((row) => `| ${row.what} | ${row.ratio.toFixed(2)} | ${Number.isFinite(row.goal) ? `≤ ${Number(row.goal.toFixed(2))}` : '–'} |`);
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}, node ${process.version}, ${version}`;
  const text = readFileSync('test/bench/page.md', 'utf8')
    .replace('{{machine}}', machine)
    .replace('{{runs}}', String(RUNS))
    .replace('{{rows}}', table.join('\n'));
  writeFileSync('docs/BENCHMARKS.md', text);
  const missed = rows.filter((row) => row.ratio > row.goal);
  for (const row of missed) process.stderr.write(`goal missed: ${row.what}: ${row.ratio.toFixed(2)} > ${row.goal}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
