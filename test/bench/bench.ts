import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, release } from 'node:os';
import { benchLive } from './live.ts';
import { benchPlan } from './plan.ts';
import type { Row } from './row.ts';
import { benchShutdown } from './shutdown.ts';

/**
 * `npm run bench`, or `npm run bench -- SECTION…` for some of it: ratios, measured side by side in one run. Writes docs/BENCHMARKS.md, in which the
 * other sections stay as they are.
 */
const SECTIONS = { plan: benchPlan, live: benchLive, shutdown: benchShutdown } as const;
type Section = keyof typeof SECTIONS;

const PAGE = 'docs/BENCHMARKS.md';
const say = (line: string) => void process.stdout.write(`${line}\n`);

const names = Object.keys(SECTIONS) as Section[];
const unknown = process.argv.slice(2).filter((word) => !names.includes(word as Section));
if (unknown.length > 0) throw new Error(`there is no section ${unknown.join(', ')}: there is ${names.join(', ')}`);
const chosen = names.filter((name) => process.argv.length === 2 || process.argv.includes(name));

for (const name of chosen) {
  const rows = await SECTIONS[name](say);
  const old = readFileSync(PAGE, 'utf8');
  const page = names.reduce(
    (text, each) => text.replace(`{{${each}}}`, () => (each === name ? sectionOf(rows) : partOf(old, each))),
    readFileSync('test/bench/page.md', 'utf8'),
  );
  writeFileSync(PAGE, page);
  for (const row of rows) if (row.ratio > row.goal) process.stderr.write(`goal missed: ${row.what}: ${row.ratio.toFixed(2)} > ${row.goal}\n`);
}

function sectionOf(rows: readonly Row[]): string {
  const lsblk = spawnSync('lsblk', ['--version'], { encoding: 'utf8' }).stdout.trim();
  const commit = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).stdout.trim();
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, Linux ${release()}, node ${process.version}, ${lsblk}; at commit ${commit}.`;
  const lines = rows.map(({ what, ratio, goal }) => `| ${what} | ${ratio.toFixed(2)} | ${Number.isFinite(goal) ? `≤ ${Number(goal.toFixed(2))}` : '–'} |`);
  return `${machine}\n\n| pair | ratio | goal |\n| --- | --- | --- |\n${lines.join('\n')}`;
}

/** What stands between the marks of a section now. */
function partOf(page: string, section: Section): string {
  const [, part] = new RegExp(`<!-- ${section} -->\\n([\\s\\S]*?)\\n<!-- /${section} -->`).exec(page) ?? [];
  return part ?? 'not measured yet';
}
