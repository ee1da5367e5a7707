import { Command } from 'commander';
import { addAudit } from './audit.ts';
import { addCapture } from './capture.ts';
import { addConfig } from './config.ts';
import { addExitrd } from './exitrd.ts';
import { addGraph } from './graph.ts';
import { addKeyfiles } from './keyfiles.ts';
import { addLast } from './last.ts';
import { addPanic } from './panic.ts';
import { addRehearse } from './rehearse.ts';
import { addTeardown } from './teardown.ts';

/** The commands and options of a name this program is called by: `teardown …` is the same as `uninitramfs teardown …`. */
export function programOf(calledAs: string, version: string): Command {
  if (calledAs === 'teardown') return settle(addTeardown(new Command('teardown')).version(version));
  const program = settle(new Command('uninitramfs'))
    .description('The opposite of an initramfs: shows how stacked block layers are taken apart, and does it.')
    .version(version);
  for (const add of [addTeardown, addAudit, addExitrd, addGraph, addCapture, addRehearse, addKeyfiles, addLast, addConfig, addPanic])
    add(settle(program.command(add.commandName)));
  return program;
}

function settle(command: Command): Command {
  return command.exitOverride().showHelpAfterError('(--help shows how it is called)');
}
