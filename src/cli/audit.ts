import type { Command } from 'commander';

export interface AuditFlags {
  sysroot?: string;
  json?: boolean;
  html?: string;
  textfile?: string;
}

/** Adds what `uninitramfs audit` takes to a command. */
export function addAudit(command: Command): Command {
  return command
    .description('The whole posture at a glance: will all be closed, what could hold a shutdown up, who could get at keys. Touches nothing.')
    .option('--json', 'as JSON (its JSON Schema ships with the package)')
    .option('--html <FILE>', 'write one self-contained page, with the stack as a picture (- for standard output)')
    .option('--textfile <FILE>', "write metrics for node exporter's textfile collector (- for standard output)")
    .option('--sysroot <DIR>', 'read a capture instead of this host')
    .action(async (flags: AuditFlags) => {
      const { runAudit } = await import('./audit-run.ts');
      process.exitCode = await runAudit(flags, command.parent?.version() ?? '');
    });
}
addAudit.commandName = 'audit';
