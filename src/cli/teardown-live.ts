import { openJournal } from '../app/journal.ts';
import { teardown } from '../app/teardown.ts';
import { UserError } from '../model/errors.ts';
import type { Report } from '../model/report.ts';
import { endEntry, lineEntry, stepEntry } from '../render/journal.ts';
import { renderEnd, renderResult } from '../render/progress.ts';
import { renderText } from '../render/text.ts';
import { asJson, painter } from '../render/words.ts';

export interface LiveFlags {
  json?: boolean;
  yes?: boolean;
  kill?: boolean;
  keepGoing?: boolean;
  failQueued?: boolean;
}

/** A live run from the command line: asks where it must, prints a line a step, and returns the exit code. */
export async function runLive(targets: readonly string[], flags: LiveFlags): Promise<0 | 1> {
  const paint = painter(process.stdout, process.env);
  // With --json, standard output is for the report alone.
  const journal = openJournal(flags.json ? 2 : 1);
  const say = (line: string) => void (journal ? journal.tell(lineEntry(line)) : (flags.json ? process.stderr : process.stdout).write(`${line}\n`));
  const stop = new AbortController();
  const interrupt = () => {
    say('interrupted: finishing the steps that run, starting no others');
    stop.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt).on('SIGHUP', interrupt);
  const report = await teardown({
    targets,
    kill: flags.kill === true,
    keepGoing: flags.keepGoing === true,
    failQueued: flags.failQueued === true,
    confirm: targets.length > 0 || flags.yes ? undefined : askFirst,
    onStep: (step, result) => (journal ? journal.tell(stepEntry(step, result)) : say(renderResult(step, result, paint))),
    say,
    signal: stop.signal,
  });
  if (!report) {
    say('nothing was touched');
    await journal?.close();
    return 1;
  }
  if (flags.json) process.stdout.write(`${asJson(report)}\n`);
  const end = renderEnd(report, paint);
  if (journal) journal.tell(endEntry(end, report));
  else if (!flags.json) for (const line of end) say(line);
  await journal?.close();
  return report.left?.length === 0 ? 0 : 1;
}

async function askFirst(report: Report): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new UserError('this would close everything outside the root: say --yes where there is no terminal to ask on, or name a TARGET');
  process.stdout.write(renderText(report, painter(process.stdout, process.env)));
  const steps = report.steps.filter((step) => step.stage === 'live').length;
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await prompt.question(`\nDo these ${steps} live steps now? [y/N] `);
  prompt.close();
  return /^y(es)?$/i.test(answer.trim());
}
