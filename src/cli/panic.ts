import type { Command } from 'commander';
import { printable } from '../render/words.ts';

/** Adds what `uninitramfs panic` takes to a command. */
export function addPanic(command: Command): Command {
  return command
    .description('Take the key from every dm-crypt mapping and power off, within a second. What was not saved is lost.')
    .option('--now', 'do it; without this, say what would be done')
    .action(async (flags: { now?: boolean }) => {
      const { keysAtRisk, panic } = await import('../app/panic.ts');
      if (flags.now) return panic();
      const names = keysAtRisk();
      process.stdout.write(
        `${printable(`This would take the key from ${names.length > 0 ? names.join(', ') : 'no mapping: none is open'}, and power off at once.`)}
What was not saved is lost, and file systems are left as after a power cut.
Do it: uninitramfs panic --now
`,
      );
    });
}
addPanic.commandName = 'panic';
