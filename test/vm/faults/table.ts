import { readFileSync } from 'node:fs';
import type { Fault } from './fault.ts';
import type { LiveFault } from './live.ts';

/** What became of one fault. */
export interface Result {
  readonly seconds: number;
  /** What did not hold. */
  readonly broken: readonly string[];
}

type Entry = Pick<Fault, 'what' | 'outcome' | 'bound'> & { readonly host?: string; readonly always?: boolean };

const HEAD = '| what goes wrong | what happens | seconds | at most | tested |\n| --- | --- | ---: | ---: | --- |';
const TEMPLATE = new URL('page.md', import.meta.url);

/** docs/RELIABILITY.md with the rows of what ran now; of what did not run, the row that it has. */
export function reliabilityPage(old: string, faults: readonly Fault[], live: readonly LiveFault[], results: ReadonlyMap<string, Result>): string {
  const entries: Entry[] = [...faults, ...live.map((fault) => ({ ...fault, always: true }))];
  const rows = entries.flatMap((entry) => {
    const result = results.get(entry.what);
    return result ? [row(entry, result)] : (old.split('\n').find((line) => line.startsWith(`| ${entry.what} | `)) ?? []);
  });
  return readFileSync(TEMPLATE, 'utf8').replace('{{faults}}', () => `${HEAD}\n${rows.join('\n')}`);
}

function row({ what, outcome, bound, host, always }: Entry, { seconds, broken }: Result): string {
  const happened = broken.length === 0 ? outcome : `**Does not hold:** ${broken.join('; ').replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')}`;
  const where = host ?? 'User Mode Linux';
  return `| ${what} | ${happened} | ${Math.round(seconds)} | ${bound} | ${where}, ${always ? 'each time' : 'in `npm run reliability`'} |`;
}
