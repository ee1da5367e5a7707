import type { Measured } from './measure.ts';
import { KINDS, type Kind, type Residue } from './residue.ts';

export interface Row {
  readonly host: string;
  readonly scenario: string;
  readonly measured: Measured;
}

/** Markdown: what was found while a host ran, and what was left when it was off. */
export function residueTable(rows: readonly Row[]): string {
  const table = [
    ['host', 'scenario', ...KINDS],
    ['---', '---', ...KINDS.map(() => '---:')],
    ...rows.map(({ host, scenario, measured }) => [host, scenario, ...KINDS.map((kind) => cell(kind, measured))]),
  ];
  return table.map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

function cell(kind: Kind, { before, after }: Measured): string {
  if (before.found[kind].of === 0 && kind !== 'other schedules') return '–';
  const hits = (residue: Residue) => residue.found[kind].hits.toLocaleString('en');
  return after === undefined ? hits(before) : `${hits(before)} → ${hits(after)}`;
}
