import type { Report, StepResult } from '../model/report.ts';
import type { Step } from '../model/step.ts';
import { type Paint, printable } from './words.ts';

const BADGE = {
  done: ['green', '  OK  '],
  already: ['green', '  OK  '],
  failed: ['red', 'FAILED'],
  abandoned: ['red', ' HUNG '],
  skipped: ['yellow', ' SKIP '],
} as const;

/** One line as a step ends: "[  OK  ] unmount /srv/backup  0.04 s". */
export function renderResult(step: Step, result: StepResult, paint: Paint): string {
  const [colour, badge] = BADGE[result.outcome];
  const tail =
    result.outcome === 'done' ? `  ${paint('dim', `${result.seconds.toFixed(2)} s`)}` : result.outcome === 'already' ? `  ${paint('dim', 'was done')}` : '';
  const error = result.error === undefined ? '' : `: ${printable(result.error)}`;
  return `[${paint(colour, badge)}] ${printable(step.title)}${error}${tail}`;
}

/** The last word of a live run: nothing left, or what is still open. */
export function renderEnd(report: Report, paint: Paint): string[] {
  const left = report.left ?? [];
  if (left.length === 0) {
    const closed = new Set(report.steps.filter((step) => step.stage === 'live').flatMap((step) => step.closes)).size;
    return [paint('green', `Nothing is left open: ${closed} closed, and the host was read again.`)];
  }
  const nodes = new Map(report.nodes.map((node) => [node.id, node]));
  const reasons = report.findings.filter((finding) => finding.node !== undefined && left.includes(finding.node) && finding.severity !== 'info');
  return [
    paint('red', `Still open (${left.length}):`),
    ...left.map((id) => `  ${nodes.get(id)?.kind} ${printable(nodes.get(id)?.path ?? id)}`),
    ...reasons.flatMap((finding) => [`  ${printable(finding.text)}`, `     fix: ${printable(finding.fix)}`]),
  ];
}
