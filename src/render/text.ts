import type { Report, ReportStep } from '../model/report.ts';
import { renderTree } from './tree.ts';
import { type Paint, printable, quoteCommand } from './words.ts';

const MARK = { critical: '!!', warning: '! ', info: 'i ' } as const;

/** A dry run for a person: the stack, the steps live and in the exitrd with their commands, the findings. */
export function renderText(report: Report, paint: Paint): string {
  const live = report.steps.filter((step) => step.stage === 'live');
  const exitrd = report.steps.filter((step) => step.stage === 'exitrd');
  const lines = [
    paint('bold', `${printable(report.host)}: the stack`),
    ...orNothing(renderTree(report, paint), 'no block devices'),
    '',
    paint('bold', `Live, now: ${count(live, 'step')}`),
    ...orNothing(renderSteps(live, 1, paint), 'nothing to close outside the root'),
    '',
    paint('bold', `Left for the exitrd, because the running system lives on it: ${count(exitrd, 'step')}`),
    ...orNothing(renderSteps(exitrd, live.length + 1, paint), 'nothing'),
    '',
    ...renderFindings(report, paint),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

/** Findings alone, worst first. */
function renderFindings(report: Report, paint: Paint): string[] {
  const order = { critical: 0, warning: 1, info: 2 };
  const sorted = [...report.findings].sort((a, b) => order[a.severity] - order[b.severity]);
  const head = paint('bold', `Findings: ${sorted.length === 0 ? 'none' : sorted.length}`);
  const colour = { critical: 'red', warning: 'yellow', info: 'dim' } as const;
  return [
    head,
    ...sorted.flatMap((each) => [
      `  ${paint(colour[each.severity], MARK[each.severity])} ${printable(each.text)}`,
      `     ${paint('dim', `fix: ${printable(each.fix)}`)}`,
    ]),
  ];
}

function renderSteps(steps: readonly ReportStep[], first: number, paint: Paint): string[] {
  const width = Math.min(40, Math.max(...steps.map((step) => printable(step.title).length), 0));
  return steps.flatMap((step, index) => {
    const number = String(first + index).padStart(4);
    const commands = step.commands.length > 0 ? step.commands.map(quoteCommand) : ['(only waits)'];
    const title = printable(step.title);
    const fits = title.length <= width && commands.length === 1;
    if (fits) return [`${number}  ${title.padEnd(width)}  ${paint('dim', commands[0] as string)}`];
    return [`${number}  ${title}`, ...commands.map((command) => `      ${paint('dim', command)}`)];
  });
}

function orNothing(lines: string[], word: string): string[] {
  return lines.length > 0 ? lines : [`      ${word}`];
}

function count(things: readonly unknown[], word: string): string {
  return `${things.length} ${word}${things.length === 1 ? '' : 's'}`;
}
