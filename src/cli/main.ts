import { basename } from 'node:path';
import { CommanderError } from 'commander';
import { isUserError } from '../model/errors.ts';
import { printable } from '../render/words.ts';
import { programOf } from './program.ts';
import { isLive } from './teardown.ts';

declare const VERSION: string;

/** Runs the command line and returns the exit code: 0 nothing left, 1 something left, 2 usage or configuration. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await programOf(basename(argv[1] ?? '').replace(/\.cjs$/, ''), VERSION).parseAsync([...argv]);
    return Number(process.exitCode ?? 0);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (isUserError(error)) return complain(error.message, error.exitCode);
    const unexpected = error instanceof Error ? error.message : String(error);
    return complain(`${unexpected}. This is a fault of the program: report it with "uninitramfs capture"`, 2);
  }
}

function complain(message: string, exitCode: number): number {
  process.stderr.write(`uninitramfs: ${printable(message)}\n`);
  return exitCode;
}

// A reader that went away (| head, a lost connection) ends a listing, but never a live run in the middle.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' && !isLive()) process.exit(0);
  });
}

main(process.argv).then((code) => {
  // What hangs in the kernel was left behind; it must not keep this process.
  process.exitCode = code;
  process.stdout.write('', () => process.exit(code));
});
