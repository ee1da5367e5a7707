import { type Command, InvalidArgumentError } from 'commander';
import type { KeyfileOptions } from '../app/keyfiles.ts';
import type { KeyfileOutcome } from '../model/keyfile.ts';
import { lineEntry, stepEntry } from '../render/journal.ts';
import { asJson, painter, printable } from '../render/words.ts';

interface Flags {
  close?: boolean;
  wait: number;
  scrub: number;
  json?: boolean;
}

/** Adds what `uninitramfs keyfiles` takes to a command. */
export function addKeyfiles(command: Command): Command {
  return command
    .description('Find the open devices that hold keys of others, and close those that nothing needs any more.')
    .option('--close', 'close them: unmount what lies on them, close what only they were using below, and take their traces out of memory')
    .option('--wait <SECONDS>', 'how long to wait until everything they open is open', whole, 0)
    .option('--scrub <PERCENT>', 'how much of the free memory is overwritten afterwards', percent, 95)
    .option('--json', 'as JSON')
    .action(async (flags: Flags) => {
      const { keyfiles, openJournal } = await import('../app/keyfiles.ts');
      // With --json, standard output is for the result alone.
      const journal = flags.close ? openJournal(flags.json ? 2 : 1) : undefined;
      const write = (line: string) => void (journal ? journal.tell(lineEntry(line)) : (flags.json ? process.stderr : process.stdout).write(`${line}\n`));
      const say = (line: string) => write(printable(line));
      const onStep: KeyfileOptions['onStep'] = journal && ((step, result) => journal.tell(stepEntry(step, result)));
      const outcomes = await keyfiles({ close: flags.close === true, wait: flags.wait, scrub: flags.scrub, say, onStep });
      if (flags.json) process.stdout.write(`${asJson(outcomes)}\n`);
      else for (const line of linesOf(outcomes)) write(line);
      await journal?.close();
      process.exitCode = outcomes.every(({ is }) => is === 'closed') ? 0 : 1;
    });
}
addKeyfiles.commandName = 'keyfiles';

function linesOf(outcomes: readonly KeyfileOutcome[]): string[] {
  const paint = painter(process.stdout, process.env);
  if (outcomes.length === 0) return ['no device that holds keys of others is open'];
  return outcomes.map(({ name, opens, is, why }) => {
    const keys = opens.length > 0 ? `, which holds the key of ${opens.join(', ')}` : '';
    const tail = why === '' ? '' : `: ${why}`;
    return `${paint(is === 'closed' ? 'green' : 'yellow', is.padEnd(6))}  ${printable(`${name}${keys}${tail}`)}`;
  });
}

function whole(text: string): number {
  if (!/^\d{1,5}$/.test(text)) throw new InvalidArgumentError('a whole number of seconds.');
  return Number(text);
}

function percent(text: string): number {
  if (!/^\d{1,3}$/.test(text) || Number(text) > 100) throw new InvalidArgumentError('a whole number from 0 to 100.');
  return Number(text);
}
