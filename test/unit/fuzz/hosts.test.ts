import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { bounded } from '../../fuzz/bounded.ts';
import { fuzzCase } from '../../fuzz/cases.ts';
import { readCorpus } from '../../fuzz/corpus.ts';
import { examine } from '../../fuzz/examine.ts';
import { compareInShell, SHELLS } from '../../fuzz/recorder.ts';
import { retell } from '../../fuzz/retold.ts';

/** Beside these, npm run fuzz does a million. Another seed: FUZZ_SEED=n. */
const RUNS = { numRuns: 2000, seed: Number(process.env.FUZZ_SEED ?? 20_260_101) };

const base = mkdtempSync(join(tmpdir(), 'uninitramfs-fuzz-'));
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('a host that is garbled', () => {
  it('is planned for safely or refused, whatever it says', { timeout: 240_000 }, () => {
    fc.assert(
      fc.property(fuzzCase, (host) => void bounded(() => examine(host))),
      RUNS,
    );
  });

  it('is told by a capture of its capture as by that one', { timeout: 120_000 }, () => {
    fc.assert(
      fc.property(fuzzCase, (host) => bounded(() => retell(host))),
      { ...RUNS, numRuns: 200 },
    );
  });

  it.each(SHELLS)('leaves %s with exactly the words of its steps', { timeout: 120_000 }, (...shell) => {
    const plans = fc.sample(fuzzCase, { ...RUNS, numRuns: 150 }).map((host) => examine(host));
    expect(compareInShell(shell as unknown as (typeof SHELLS)[number], plans, join(base, shell[0] ?? ''))).toBeUndefined();
  });
});

describe('the corpus', () => {
  const corpus = readCorpus();

  it.each(corpus)('$name', ({ case: host }) => {
    bounded(() => examine(host));
    bounded(() => retell(host));
  });

  it.each(SHELLS)('leaves %s with exactly the words of its steps', (...shell) => {
    const plans = corpus.map(({ case: host }) => examine(host));
    expect(compareInShell(shell as unknown as (typeof SHELLS)[number], plans, join(base, 'corpus'))).toBeUndefined();
  });
});
