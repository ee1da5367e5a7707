import { basename } from 'node:path';
import { Command, CommanderError } from 'commander';
import { isUserError } from '../model/errors.ts';
import { printable } from '../render/words.ts';
import { addCapture } from './capture.ts';
import { addConfig } from './config.ts';
import { addExitrd } from './exitrd.ts';
import { addGraph } from './graph.ts';
import { addKeyfiles } from './keyfiles.ts';
import { addRehearse } from './rehearse.ts';
import { addTeardown, isLive } from './teardown.ts';

declare const VERSION: string;

/** `teardown …` is the same as `uninitramfs teardown …`. */
function build(calledAs: string): Command {
  if (calledAs === 'teardown') return settle(addTeardown(new Command('teardown')).version(VERSION));
  const program = settle(new Command('uninitramfs'))
    .description('The opposite of an initramfs: shows how stacked block layers are taken apart, and does it.')
    .version(VERSION);
  for (const add of [addTeardown, addExitrd, addGraph, addCapture, addRehearse, addKeyfiles, addConfig]) add(settle(program.command(add.commandName)));
  return program;
}

function settle(command: Command): Command {
  return command.exitOverride().showHelpAfterError('(--help shows how it is called)');
}

/** Runs the command line and returns the exit code: 0 nothing left, 1 something left, 2 usage or configuration. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    await build(basename(argv[1] ?? '').replace(/\.cjs$/, '')).parseAsync([...argv]);
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
