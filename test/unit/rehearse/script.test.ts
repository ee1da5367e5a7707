import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compile } from '../../../src/rehearse/script.ts';

it('hands every word to a command as it is, in every shell', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 1 }).filter((word) => !word.includes('\0')),
      fc.constantFrom('dash', 'bash'),
      (word, shell) => {
        const script = compile([{ argv: ['printf', '%s', word] }, { argv: ['cat'], input: word }], '/target');
        expect(execFileSync(shell, ['-c', script], { encoding: 'utf8' })).toBe(word + word);
      },
    ),
    { numRuns: 60 },
  );
});
