import { everyCommand, type Spoken, type SpokenOption, type Takes } from './spoken.ts';

/** Completion for zsh: a function for each command, which the one above it calls. */
export function zshCompletion(program: Spoken): string {
  const name = program.path.join(' ');
  return `#compdef ${name}
# Made from the program's own options when it was built.

# What is mounted from somewhere, what device-mapper maps, and devices by their paths.
_${name}_targets() {
  local source place rest
  local -a places names
  while read -r source place rest; do [[ $source == */* ]] && places+=("\${(g:o:)place}"); done </proc/mounts
  names=(/dev/mapper/*(N:t))
  names=(\${names:#control})
  [[ $PREFIX == /dev/* ]] && _files
  _alternative 'places:mount point:compadd -a places' 'names:mapping:compadd -a names'
}

${everyCommand(program).map(functionOf).join('\n')}
${functionName(program)} "$@"
`;
}

function functionOf(spoken: Spoken): string {
  const options = spoken.options.map(specOf);
  if (spoken.verbs.length === 0) return define(spoken, `  _arguments${[...options, ...argumentSpec(spoken)].map((spec) => ` \\\n    ${spec}`).join('')}`);
  const verbs = spoken.verbs.map(({ path, description }) => `\n        ${quote(`${path.at(-1)}:${description}`)}`).join('');
  return define(
    spoken,
    `  local context state state_descr line
  typeset -A opt_args
  _arguments -C${[...options, "'1: :->verb'", "'*:: :->rest'"].map((spec) => ` \\\n    ${spec}`).join('')}
  case $state in
    verb)
      local -a verbs=(${verbs}
      )
      _describe command verbs
      ;;
    rest) (( $+functions[${functionName(spoken)}_$words[1]] )) && ${functionName(spoken)}_$words[1] ;;
  esac`,
  );
}

function define(spoken: Spoken, body: string): string {
  return `${functionName(spoken)}() {\n${body}\n}\n`;
}

function functionName({ path }: Spoken): string {
  return `_${path.join('_')}`;
}

function specOf({ names, description, takes, word }: SpokenOption): string {
  const value = takes === 'nothing' ? '' : `:${word}:${actionOf(takes)}`;
  const told = quote(`[${description.replace(/[[\]:\\]/g, '\\$&')}]${value}`);
  return names.length === 1 ? `'${names[0]}'${told}` : `'(${names.join(' ')})'{${names.join(',')}}${told}`;
}

function argumentSpec({ path, argument }: Spoken): string[] {
  if (argument === 'nothing') return [];
  return argument === 'targets' ? [`'*:target:_${path[0]}_targets'`] : [`'1:${argument}:${actionOf(argument)}'`];
}

function actionOf(takes: Takes): string {
  if (typeof takes !== 'string') return `(${takes.join(' ')})`;
  return takes === 'folder' ? '_files -/' : takes === 'file' ? '_files' : ' ';
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
