import { shellWord, shellWords } from '../model/quote.ts';
import type { Op, Probe, Step } from '../model/step.ts';
import { UNPRINTABLE } from '../model/unprintable.ts';

/**
 * Steps as sh for shutdown-hooks/steps.sh, which runs them. It holds calls of a few functions with quoted words and nothing else.
 * @param steps in an order in which each comes after what it needs.
 */
export function compileSteps(steps: readonly Step[]): string {
  const number = new Map(steps.map((step, index) => [step.id, index + 1]));
  return steps.map((step, index) => compileStep(step, index + 1, number)).join('');
}

function compileStep(step: Step, n: number, number: ReadonlyMap<string, number>): string {
  const needs = step.needs.flatMap((id) => number.get(id) ?? []);
  const head = [
    'step',
    shellWord(oneLine(step.title)),
    step.onFail,
    String(Math.ceil(step.seconds)),
    String(step.closes.length),
    shellWord(step.exclusive ?? ''),
    ...needs,
  ];
  const waits = step.ops.flatMap((op, index) => (op.op === 'wait' ? [`until_${n}_${index}() { ${probe(op.until)}; }\n`] : []));
  return [
    `${head.join(' ')}\n`,
    `unless_${n}() { ${probe(step.unless)}; }\n`,
    ...(runsCommand(step.unless) ? [`ask_apart_${n}() { :; }\n`] : []),
    ...waits,
    `ops_${n}() {\n${step.ops.map((op, index) => `  ${compileOp(op, `until_${n}_${index}`)} || return 1\n`).join('')}}\n`,
    ...(step.progress ? [`progress_${n}() { (exec ${shellWords(step.progress)}); }\n`] : []),
  ].join('');
}

function compileOp(op: Op, until: string): string {
  switch (op.op) {
    case 'run':
      return except(op.unless, `run ${Math.ceil(op.retrySeconds ?? 0)} ${shellWord((op.okExit ?? [0]).join(' '))} ${shellWords(op.argv)}`);
    case 'write':
      return except(op.unless, `put ${Math.ceil(op.retrySeconds ?? 0)} ${shellWords([op.path, op.text])}`);
    case 'wait':
      return `await ${Math.ceil(op.seconds)} ${until}`;
    default:
      return op satisfies never;
  }
}

function except(unless: Probe | undefined, command: string): string {
  return unless ? `{ { ${probe(unless)}; } || ${command}; }` : command;
}

function probe(of: Probe): string {
  switch (of.is) {
    case 'exists':
      return `exists ${shellWord(of.path)}`;
    case 'equals':
      return `equals ${shellWords([of.path, of.text.trim()])}`;
    case 'mounted':
      return `mounted ${shellWords([of.path, of.type ?? '', of.mountId === undefined ? '' : String(of.mountId)])}`;
    case 'swapped':
      return `swapped ${shellWord(of.path)}`;
    case 'field':
      return `field ${of.index} ${shellWords([of.text, ...of.argv])}`;
    case 'not':
      // Without the braces `! ! command` is a syntax error in some shells.
      return `! { ${probe(of.of)}; }`;
    case 'all':
      return of.of.length === 0 ? ':' : of.of.map((each) => `{ ${probe(each)}; }`).join(' && ');
    default:
      return of satisfies never;
  }
}

/** A title is said in one line, whatever name is in it. */
function oneLine(title: string): string {
  return title.replace(UNPRINTABLE, '?');
}

/** A command may hang, so the scheduler does not ask it itself. */
function runsCommand(of: Probe): boolean {
  if (of.is === 'not') return runsCommand(of.of);
  return of.is === 'all' ? of.of.some(runsCommand) : of.is === 'field';
}
