import type { Command } from 'commander';

/** Adds what `uninitramfs capture` takes to a command. */
export function addCapture(command: Command): Command {
  return command
    .description('Save what this program reads of the host, to replay it elsewhere with --sysroot. It holds no secrets.')
    .argument('[DIR|FILE.tar]', 'where to; FILE.tar.gz works too (default: uninitramfs-HOST.tar)')
    .option('--sysroot <DIR>', 'read a capture instead of this host')
    .action(async (target: string | undefined, flags: { sysroot?: string }) => {
      const { capture } = await import('../app/capture.ts');
      const done = await capture(target, flags.sysroot);
      process.stdout.write(`${done.target}: ${done.files} files. Replay: uninitramfs teardown --dry-run --sysroot DIR\n`);
    });
}
addCapture.commandName = 'capture';
