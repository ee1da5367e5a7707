import { boxesOf, type Picture } from './picture.ts';

const FILL = { live: '#dbeafe', exitrd: '#fee2e2', ground: '#f3f4f6', left: '#fef9c3' } as const;

/** The picture in Graphviz's language: disks at the bottom, numbers give the order, blue goes live, red in the exitrd. The class is for a style sheet. */
export function renderDot(picture: Picture): string {
  const { boxes, arrows } = boxesOf(picture);
  return [
    'digraph stack {',
    '  rankdir=TB; bgcolor="transparent";',
    '  node [shape=box style="rounded,filled" fontname="Helvetica" fontsize=11 color="#6b7280"];',
    '  edge [color="#6b7280" arrowsize=0.7];',
    ...boxes.map((box) => `  ${box.id} [label=${quote(box.lines.join('\n'))} fillcolor="${FILL[box.look]}" class="${box.look}"];`),
    ...arrows.map(({ from, to }) => `  ${from} -> ${to};`),
    '}',
    '',
  ].join('\n');
}

/** Graphviz: a backslash starts an escape, so a name's own are doubled; and what looks like an entity would be read as one. */
function quote(text: string): string {
  return `"${text.replaceAll('&', '&amp;').replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`;
}
