import type { Command } from 'commander';
import { renderLast } from '../render/last.ts';
import { asJson, painter } from '../render/words.ts';

/** Adds what `uninitramfs last` takes to a command. */
export function addLast(command: Command): Command {
  return command
    .description('How the last shutdown went: by the receipt that its exitrd left, or judged by what this boot had to put right.')
    .option('--json', 'as JSON')
    .option('--sysroot <DIR>', 'read what lies below DIR instead of this host')
    .action(async (flags: { sysroot?: string; json?: boolean }) => {
      const { last } = await import('../app/last.ts');
      const found = last(flags.sysroot);
      process.stdout.write(flags.json ? `${asJson(found)}\n` : renderLast(found, painter(process.stdout, process.env)));
      process.exitCode = found.mark === 'bad' ? 1 : 0;
    });
}
addLast.commandName = 'last';
