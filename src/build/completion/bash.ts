import { everyCommand, type Spoken, type Takes } from './spoken.ts';

/** Completion for bash, by its builtins alone: it works without the functions of bash-completion too. */
export function bashCompletion(program: Spoken): string {
  const name = program.path.join(' ');
  const commands = everyCommand(program);
  const below = commands.flatMap(({ verbs }) => verbs.map(({ path }) => `'${path.join(' ')}'`));
  const values = commands.flatMap(({ path, options }) =>
    options.flatMap(({ names, takes }) => (takes === 'nothing' ? [] : names.map((option) => `    '${[...path, option].join(' ')}') ${offer(takes)} ;;\n`))),
  );
  const places = commands.map(({ path, options, verbs, argument }) => {
    const flags = options.flatMap(({ names }) => names).join(' ');
    const words = verbs.length > 0 ? `words='${verbs.map(({ path }) => path.at(-1)).join(' ')}'` : offer(argument);
    return `        '${path.join(' ')}') ${`flags='${flags}' ${words}`.trim()} ;;\n`;
  });
  return `# Completion for ${name}, made from its own options when it was built.

# What is mounted from somewhere, and what device-mapper maps.
_${name}_targets() {
  local source place rest
  while read -r source place rest; do [[ $source == */* ]] && printf '%b\\n' "$place"; done </proc/mounts
  for place in /dev/mapper/*; do [[ -e $place && $place != */control ]] && printf '%s\\n' "\${place##*/}"; done
}

_${name}() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} at=${name} words='' flags='' kind='' each i
  # readline splits --option=value at the sign.
  if [[ $cur == = ]]; then cur=''; elif [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD - 2]}; fi
${
  below.length === 0
    ? ''
    : `  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${below.join(' | ')}) at+=" \${COMP_WORDS[i]}" ;;
    esac
  done
`
}  case "$at $prev" in
${values.join('')}    *)
      case $at in
${places.join('')}      esac
      ;;
  esac
  [[ $cur == -* || -z $words$kind ]] && words=$flags kind=''
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  case $kind in
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
    targets)
      while IFS= read -r each; do
        printf -v each %q "$each"
        [[ $each == "$cur"* ]] && COMPREPLY+=("$each")
      done < <(_${name}_targets)
      [[ $cur == /dev/* ]] && kind=file && mapfile -t -O "\${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$cur")
      ;;
  esac
  # Folders get a slash and no blank after them. Outside of a completion, as in a test, there is nothing to set.
  [[ $kind == f* ]] && compopt -o filenames 2>/dev/null
  return 0
}
complete -F _${name} ${name}
`;
}

function offer(takes: Takes): string {
  if (takes === 'nothing') return '';
  return typeof takes === 'string' ? `kind=${takes}` : `words='${takes.join(' ')}'`;
}
