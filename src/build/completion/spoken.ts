import type { Argument, Command, Option } from 'commander';

/** What a shell offers after an option or in the place of an argument; or these words. */
export type Takes = 'nothing' | 'anything' | 'folder' | 'file' | 'targets' | readonly string[];

export interface SpokenOption {
  /** With their dashes. */
  readonly names: readonly string[];
  readonly description: string;
  readonly takes: Takes;
  /** How the help calls what it takes. */
  readonly word: string;
}

/** A command as a person types it: what the completions of every shell are made from. */
export interface Spoken {
  /** From the program on: uninitramfs, exitrd, show. */
  readonly path: readonly string[];
  readonly description: string;
  readonly verbs: readonly Spoken[];
  readonly options: readonly SpokenOption[];
  readonly argument: Takes;
}

export function spokenOf(command: Command, above: readonly string[] = []): Spoken {
  const path = [...above, command.name()];
  return {
    path,
    description: command.description(),
    verbs: command.commands.map((verb) => spokenOf(verb, path)),
    options: command.createHelp().visibleOptions(command).map(optionOf),
    argument: argumentOf(command.registeredArguments[0]),
  };
}

/** A command and all below it. */
export function everyCommand(spoken: Spoken): Spoken[] {
  return [spoken, ...spoken.verbs.flatMap(everyCommand)];
}

function optionOf(option: Option): SpokenOption {
  const names = [option.short, option.long].filter((name) => name !== undefined && name !== null);
  const word = /<(.*)>/.exec(option.flags)?.[1] ?? '';
  const takes = option.argChoices ?? (word === '' ? 'nothing' : word === 'DIR' ? 'folder' : word === 'FILE' ? 'file' : 'anything');
  return { names, description: option.description, takes, word };
}

function argumentOf(argument: Argument | undefined): Takes {
  switch (argument?.name()) {
    case undefined:
      return 'nothing';
    case 'TARGET':
      return 'targets';
    case 'DIR':
      return 'folder';
    default:
      return 'file';
  }
}
