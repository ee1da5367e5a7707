import { readFileSync, writeFileSync } from 'node:fs';
import { FAULTS } from '../vm/faults/all.ts';
import { LIVE_FAULTS } from '../vm/faults/live.ts';
import { suffer, sufferLive } from '../vm/faults/suffer.ts';
import { type Result, reliabilityPage } from '../vm/faults/table.ts';

/**
 * Injects every fault, one after the other, and writes docs/RELIABILITY.md: npm run reliability -- [WORDS]… With words, those faults alone
 * that have them in their description; the other rows stay.
 */
const PAGE = 'docs/RELIABILITY.md';
const words = process.argv.slice(2);
const isMeant = ({ what }: { what: string }) => words.length === 0 || words.some((word) => what.includes(word));
const meant = [...FAULTS.filter(isMeant), ...LIVE_FAULTS.filter(isMeant)];
if (meant.length === 0) {
  process.stderr.write(`reliability: no fault speaks of ${words.join(', ')}: look into test/vm/faults\n`);
  process.exit(2);
}

const results = new Map<string, Result>();
for (const fault of meant) {
  process.stdout.write(`${fault.what}\n`);
  const say = (line: string) => void process.stdout.write(`  ${line}\n`);
  const result: Result & { readonly console?: string } = await ('host' in fault ? suffer(fault, say) : sufferLive(fault)).catch((error: unknown) => ({
    seconds: 0,
    broken: [error instanceof Error ? error.message : String(error)],
  }));
  for (const line of result.broken) say(`does not hold: ${line}`);
  if (result.broken.length > 0 && result.console !== undefined) say(result.console.slice(-20_000));
  results.set(fault.what, result);
  writeFileSync(PAGE, reliabilityPage(readOr(PAGE, ''), FAULTS, LIVE_FAULTS, results));
}
process.exit([...results.values()].some(({ broken }) => broken.length > 0) ? 1 : 0);

function readOr(path: string, otherwise: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return otherwise;
  }
}
