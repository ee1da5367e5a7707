import { type Command, Option } from 'commander';

interface Flags {
  sysroot?: string;
  phase: 'live' | 'exitrd' | 'both';
  stock?: boolean;
  fault?: string;
  keep?: string;
  json?: boolean;
}

/** Adds what `uninitramfs rehearse` takes to a command. */
export function addRehearse(command: Command): Command {
  return command
    .description('Shut down a miniature of this host in a kernel of its own, and prove what is left. Nothing on this host is touched; no root needed.')
    .argument('[TARGET...]', 'only what is closed for these')
    .addOption(new Option('--phase <PHASE>', 'what to rehearse').choices(['live', 'exitrd', 'both']).default('both'))
    .option('--stock', 'shut it down the way the system does without this program')
    .addOption(
      new Option('--fault <NAME>', 'with something in the way').choices([
        'busy-mount',
        'process',
        'missing-member',
        'missing-tool',
        'hanging-device',
        'garbled-plan',
      ]),
    )
    .option('--sysroot <DIR>', 'rehearse a capture instead of this host')
    .option('--keep <DIR>', 'keep the disks, the recipe and the consoles there')
    .option('--json', 'print the result as JSON')
    .action(async (targets: string[], flags: Flags) => {
      const { runRehearsal } = await import('./rehearse-run.ts');
      process.exitCode = await runRehearsal(targets, flags);
    });
}
addRehearse.commandName = 'rehearse';
