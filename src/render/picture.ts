import type { AssemblyStep } from '../model/assembly.ts';
import type { Report, ReportNode } from '../model/report.ts';
import { printable } from './words.ts';

/** What a drawing shows. */
export interface Picture {
  readonly report: Report;
  /** Numbered by this order instead of the teardown's. */
  readonly assembly: readonly AssemblyStep[] | undefined;
}

export interface Box {
  readonly id: string;
  /** What is written in it; the first line begins with its place in the order, when it has one. */
  readonly lines: readonly string[];
  readonly look: 'live' | 'exitrd' | 'ground' | 'left';
}

/** The boxes and arrows of a picture: the stack without what hangs on nothing (/proc and its like). */
export function boxesOf({ report, assembly }: Picture): { boxes: Box[]; arrows: { from: string; to: string }[] } {
  const number = new Map<string, number>();
  const order = assembly ? assembly.map((step) => [step.node]) : report.steps.map((step) => [step.node, ...step.closes]);
  for (const [index, ids] of order.entries()) for (const id of ids) if (!number.has(id)) number.set(id, index + 1);
  const below = new Map(report.nodes.map((node) => [node.id, node.below]));
  const wanted = new Set<string>();
  const want = (id: string): void => {
    if (wanted.has(id)) return;
    wanted.add(id);
    below.get(id)?.forEach(want);
  };
  for (const node of report.nodes) if (node.selected) want(node.id);
  const shown = report.nodes.filter((node) => wanted.has(node.id));
  const boxes = shown.map((node, index): Box => ({ id: `n${index}`, lines: linesOf(node, number.get(node.id)), look: lookOf(node) }));
  const boxOf = new Map(shown.map((node, index) => [node.id, `n${index}`]));
  const arrows = shown.flatMap((node) =>
    essential(node, report).flatMap((id) => (boxOf.has(id) ? [{ from: boxOf.get(node.id) as string, to: boxOf.get(id) as string }] : [])),
  );
  return { boxes, arrows };
}

/** Every mount was made on some mount; drawing the arrows to / would hide the stack. */
function essential(node: ReportNode, report: Report): string[] {
  const root = report.nodes.find((each) => each.path === '/' && each.kind === 'mount')?.id;
  const kept = node.below.filter((id) => id !== root);
  return kept.length > 0 ? kept : node.below;
}

function lookOf(node: ReportNode): Box['look'] {
  if (!node.selected) return ['disk', 'partition'].includes(node.kind) ? 'ground' : 'left';
  return node.pinned ? 'exitrd' : 'live';
}

function linesOf(node: ReportNode, number: number | undefined): string[] {
  const kind = node.kind === 'mount' ? `mount, ${node.facts.fstype}` : (node.facts.type ?? node.facts.level ?? node.kind);
  const name = printable(node.kind === 'swap' ? node.path : node.name);
  return [number === undefined ? name : `${number}. ${name}`, printable(kind)];
}
