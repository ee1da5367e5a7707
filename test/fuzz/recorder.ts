import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { compileSteps } from '../../src/exitrd/compile.ts';
import type { Op, Probe, Step } from '../../src/model/step.ts';

export const SHELLS: readonly (readonly [string, ...string[]])[] = [['bash', '--posix'], ['dash'], ['busybox', 'ash']];

/** In place of probes.sh and steps.sh: what is called says with which words, and every probe answers $answer. */
const RECORDER = `rec() { printf '%s\\0' "$#" "$@"; }
step() { rec step "$@"; }
run() { rec run "$@"; }
put() { rec put "$@"; }
await() { rec await "$1"; shift; "$@"; return 0; }
${['exists', 'equals', 'mounted', 'swapped', 'field'].map((name) => `${name}() { rec ${name} "$@"; return "$answer"; }\n`).join('')}`;

const ANSWERS = [true, false];

/**
 * Has a shell read compiled plans, and call what they define.
 * @returns what differs from the steps, in words, and whose plan it is.
 */
export function compareInShell(
  shell: readonly [string, ...string[]],
  plans: readonly (readonly Step[])[],
  file: string,
): { plan: number; what: string } | undefined {
  writeFileSync(file, RECORDER + plans.map(script).join(''), { mode: 0o600 });
  const [tool, ...options] = shell;
  const run = (...more: string[]) =>
    execFileSync(tool, [...options, ...more, file], { encoding: 'utf8', env: { LC_ALL: 'C' }, maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'pipe'] });
  run('-n');
  const heard = run().split('\0');
  let at = 0;
  for (const [plan, steps] of plans.entries()) {
    for (const word of expected(steps)) {
      if (heard[at] !== word) return { plan, what: `${shell.join(' ')} sees ${JSON.stringify(heard[at])} instead of ${JSON.stringify(word)}` };
      at++;
    }
  }
  return at === heard.length - 1 ? undefined : { plan: plans.length - 1, what: `${shell.join(' ')} does more than the steps say` };
}

function script(steps: readonly Step[]): string {
  // A progress command is started as it is, and not by a function of the interpreter's.
  const text = compileSteps(steps).replaceAll(/^(progress_\d+\(\) \{ )\(exec /gm, '$1(rec progress ');
  const calls = steps.map(({ progress }, index) => `unless_${index + 1}; ops_${index + 1}\n${progress ? `progress_${index + 1}\n` : ''}`).join('');
  return `${text}${ANSWERS.map((answer) => `answer=${answer ? 0 : 1}\n${calls}`).join('')}`;
}

function expected(steps: readonly Step[]): string[] {
  const words: string[] = [];
  const hear = (...more: (string | number)[]) => void words.push(String(more.length), ...more.map(String));
  const number = new Map(steps.map((step, index) => [step.id, index + 1]));
  for (const { title, onFail, seconds, closes, exclusive, needs } of steps) {
    const shown = title.replace(/[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu, '?');
    hear('step', shown, onFail, Math.ceil(seconds), closes.length, exclusive ?? '', ...needs.flatMap((id) => number.get(id) ?? []));
  }
  for (const answer of ANSWERS) {
    for (const step of steps) {
      hearProbe(step.unless, answer, hear);
      for (const op of step.ops) hearOp(op, answer, hear);
      if (step.progress) hear('progress', ...step.progress);
    }
  }
  return words;
}

type Hear = (...words: (string | number)[]) => void;

function hearOp(op: Op, answer: boolean, hear: Hear): void {
  if (op.op === 'wait') {
    hear('await', Math.ceil(op.seconds));
    hearProbe(op.until, answer, hear);
  } else if (!op.unless || !hearProbe(op.unless, answer, hear)) {
    if (op.op === 'run') hear('run', Math.ceil(op.retrySeconds ?? 0), (op.okExit ?? [0]).join(' '), ...op.argv);
    else hear('put', Math.ceil(op.retrySeconds ?? 0), op.path, op.text);
  }
}

/** What a shell asks, and what it makes of the answers. */
function hearProbe(of: Probe, answer: boolean, hear: Hear): boolean {
  switch (of.is) {
    case 'not':
      return !hearProbe(of.of, answer, hear);
    case 'all':
      return of.of.every((each) => hearProbe(each, answer, hear));
    case 'exists':
    case 'swapped':
      hear(of.is, of.path);
      return answer;
    case 'equals':
      hear(of.is, of.path, of.text.trim());
      return answer;
    case 'mounted':
      hear(of.is, of.path, of.type ?? '', of.mountId ?? '');
      return answer;
    case 'field':
      hear(of.is, of.index, of.text, ...of.argv);
      return answer;
    default:
      return of satisfies never;
  }
}
