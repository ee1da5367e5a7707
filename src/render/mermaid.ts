import { boxesOf, type Picture } from './picture.ts';

/** The picture for Markdown pages that draw Mermaid. */
export function renderMermaid(picture: Picture): string {
  const { boxes, arrows } = boxesOf(picture);
  return [
    'flowchart TD',
    ...boxes.map((box) => `  ${box.id}["${box.lines.map(entities).join('<br/>')}"]:::${box.look}`),
    ...arrows.map(({ from, to }) => `  ${from} --> ${to}`),
    '  classDef live fill:#dbeafe,stroke:#6b7280,color:#111',
    '  classDef exitrd fill:#fee2e2,stroke:#6b7280,color:#111',
    '  classDef ground fill:#f3f4f6,stroke:#6b7280,color:#111',
    '  classDef left fill:#fef9c3,stroke:#6b7280,color:#111',
    '',
  ].join('\n');
}

/** Mermaid reads entities as #NN; inside quotes. */
function entities(text: string): string {
  return text.replace(/[^\w /.:,()+-]/gu, (char) => `#${char.codePointAt(0)};`);
}
