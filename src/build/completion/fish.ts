import { everyCommand, type Spoken, type SpokenOption, type Takes } from './spoken.ts';

/** Completion for fish: a line for each thing that can be typed, with the condition under which it is offered. */
export function fishCompletion(program: Spoken): string {
  const name = program.path.join(' ');
  return `# Completion for ${name}, made from its own options when it was built.

# What is mounted from somewhere, what device-mapper maps, and devices by their paths.
function __${name}_targets
    while read -l source place rest
        string match -q '*/*' -- $source; and printf '%b\\n' $place
    end </proc/mounts
    for mapping in /dev/mapper/*
        string match -q '*/control' -- $mapping; or path basename $mapping
    end
    string match -q '/dev/*' -- (commandline -ct); and __fish_complete_path (commandline -ct)
end

complete -c ${name} -f
${everyCommand(program)
  .flatMap((spoken) => linesOf(spoken, name))
  .join('\n')}
`;
}

function linesOf(spoken: Spoken, name: string): string[] {
  const say = (rest: string) => `complete -c ${name}${conditionOf(spoken)} ${rest}`;
  return [
    ...spoken.verbs.map(({ path, description }) => say(`-a ${path.at(-1)} -d ${quote(description)}`)),
    ...spoken.options.map((option) => say(`${optionWords(option)} -d ${quote(option.description)}`)),
    ...(spoken.argument === 'nothing' ? [] : [say(offer(spoken.argument, name))]),
  ];
}

/** A word of every command on the way was typed, and none of those below. */
function conditionOf({ path, verbs }: Spoken): string {
  const typed = path.slice(1).map((word) => `__fish_seen_subcommand_from ${word}`);
  const open = verbs.length > 0 ? [`not __fish_seen_subcommand_from ${verbs.map((verb) => verb.path.at(-1)).join(' ')}`] : [];
  const all = [...typed, ...open];
  return all.length === 0 ? '' : ` -n '${all.join('; and ')}'`;
}

function optionWords({ names, takes }: SpokenOption): string {
  const words = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`)).join(' ');
  if (takes === 'nothing') return words;
  return takes === 'anything' ? `${words} -x` : `${words} -x ${offer(takes, '')}`;
}

function offer(takes: Takes, name: string): string {
  if (typeof takes !== 'string') return `-a '${takes.join(' ')}'`;
  return takes === 'targets' ? `-a '(__${name}_targets)'` : takes === 'folder' ? "-a '(__fish_complete_directories)'" : '-F';
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, '\\$&')}'`;
}
