import { type Box, boxesOf, type Picture } from './picture.ts';

/** The picture for Markdown pages that draw Mermaid. */
export function renderMermaid(picture: Picture): string {
  const { boxes, arrows } = boxesOf(picture);
  return [
    'flowchart TD',
    ...boxes.map((box) => `  ${box.id}["${labelOf(box)}"]:::${box.look}`),
    ...arrows.map(({ from, to }) => `  ${from} --> ${to}`),
    '  classDef live fill:#dbeafe,stroke:#6b7280,color:#111',
    '  classDef exitrd fill:#fee2e2,stroke:#6b7280,color:#111',
    '  classDef ground fill:#f3f4f6,stroke:#6b7280,color:#111',
    '  classDef left fill:#fef9c3,stroke:#6b7280,color:#111',
    '',
  ].join('\n');
}

function labelOf(box: Box): string {
  const [name, ...rest] = box.lines;
  return [box.number === undefined ? name : `${box.number}. ${name}`, ...rest].map((line) => entities(line ?? '')).join('<br/>');
}

/** Mermaid reads entities as #NN; inside quotes. */
function entities(text: string): string {
  return text.replace(/[^\w /.:,()+-]/gu, (char) => `#${char.codePointAt(0)};`);
}
