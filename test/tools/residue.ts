import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MEASURED_HOSTS, type Measured, type MeasuredHost, measureResidue } from '../vm/residue/measure.ts';
import { worse } from '../vm/residue/residue.ts';
import type { Scenario, ScenarioName } from '../vm/residue/scenarios.ts';
import { SCENARIOS } from '../vm/residue/scenarios.ts';
import { type Row, residueTable } from '../vm/residue/table.ts';

/**
 * Measures what is left of secrets in the memory of a host that was shut down: npm run residue -- [--runs N] [--host NAME]… [--scenario NAME]…
 * [--out FILE]. What is left varies from run to run, so the worst of them counts.
 */
const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    host: { type: 'string', multiple: true, default: ['rented-server'] },
    scenario: { type: 'string', multiple: true, default: [] },
    out: { type: 'string' },
  },
});
const say = (line: string) => void process.stderr.write(`${line}\n`);
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) refuse('--runs takes a whole number');
const hosts = values.host.map((name) => oneOf<MeasuredHost>('host', name, Object.keys(MEASURED_HOSTS)));
const all = Object.keys(SCENARIOS);
const scenarios = (values.scenario.length > 0 ? values.scenario : all).map((name) => oneOf<ScenarioName>('scenario', name, all));

const rows: Row[] = [];
for (const host of hosts) {
  for (const scenario of scenarios) {
    const { hosts: only }: Scenario = SCENARIOS[scenario];
    if (only?.includes(host) ?? true) rows.push({ host, scenario, measured: await worstOf(host, scenario) });
  }
}
if (rows.length === 0) refuse('these hosts have none of these scenarios');
const text = `${residueTable(rows)}\nThe most of ${runs} run${runs === 1 ? '' : 's'}: while the host ran → when it was off.\n`;
process.stdout.write(text);
if (values.out !== undefined) writeFileSync(values.out, text);
process.exit(0);

async function worstOf(host: MeasuredHost, scenario: ScenarioName): Promise<Measured> {
  let worst = await measureResidue(host, scenario, say);
  for (let run = 1; run < runs; run++) {
    const { before, after, console } = await measureResidue(host, scenario, say);
    worst = { console, before: worse(worst.before, before), ...(worst.after && after ? { after: worse(worst.after, after) } : {}) };
  }
  return worst;
}

function oneOf<T extends string>(what: string, name: string, names: readonly string[]): T {
  return names.includes(name) ? (name as T) : refuse(`no ${what} ${name}: ${names.join(', ')}`);
}

function refuse(why: string): never {
  process.stderr.write(`residue: ${why}\n`);
  process.exit(2);
}
