import { mkdtempSync, rmSync } from 'node:fs';
import { setPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { bounded } from './bounded.ts';
import { type FuzzCase, fuzzCase } from './cases.ts';
import { addToCorpus } from './corpus.ts';
import { examine } from './examine.ts';
import { compareInShell, SHELLS } from './recorder.ts';
import { retell } from './retold.ts';

/** What a worker is told: so many cases of this seed. */
export interface Task {
  readonly seed: number;
  readonly cases: number;
}

export interface Told {
  readonly seed: number;
  /** Of how many there was a plan. */
  readonly planned: number;
  /** What went wrong, and where the smallest case of it lies now. */
  readonly found?: string;
}

/** One host in so many is captured and read again, and its plan is read by one of the shells as well. */
const SHARE = 20;

const base = mkdtempSync(join(tmpdir(), 'uninitramfs-fuzz-'));
process.on('exit', () => rmSync(base, { recursive: true, force: true }));
process.on('disconnect', () => process.exit());
setPriority(19);
process.on('message', (task: Task) => process.send?.(work(task)));

function work({ seed, cases }: Task): Told {
  let planned = 0;
  let count = 0;
  const forShell: FuzzCase[] = [];
  const look = (host: FuzzCase): void => {
    if (bounded(() => examine(host)).length > 0) planned++;
    if (count++ % SHARE > 0) return;
    bounded(() => retell(host));
    forShell.push(host);
  };
  const told = fc.check(fc.property(fuzzCase, look), { seed, numRuns: cases });
  if (told.failed) return { seed, planned, found: keep(told.counterexample?.[0], String(told.errorInstance)) };
  const shell = SHELLS[seed % SHELLS.length] as (typeof SHELLS)[number];
  const wrong = compareInShell(shell, forShell.map(examine), join(base, 'plans'));
  return wrong ? { seed, planned, found: keep(forShell[wrong.plan], wrong.what) } : { seed, planned };
}

function keep(host: FuzzCase | undefined, what: string): string {
  return host ? `${what}\n  ${addToCorpus(host, what)}` : what;
}
