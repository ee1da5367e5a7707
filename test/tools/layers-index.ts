import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

/** Writes src/layers/index.ts from the folder: every file there that exports a Layer is one. */
const folder = new URL('../../src/layers/', import.meta.url);

export function layersIndex(): string {
  const layers = readdirSync(folder)
    .sort()
    .flatMap((file) => {
      const name = /^export const (\w+): Layer = /m.exec(readFileSync(new URL(file, folder), 'utf8'))?.[1];
      return name ? [{ file, name }] : [];
    });
  return [
    '// Written by "npm run layers" from this folder. A new layer is a new file here.',
    "import type { Layer } from '../model/layer.ts';",
    ...layers.map(({ file, name }) => `import { ${name} } from './${file}';`),
    '',
    `export const layers: readonly Layer[] = [${layers.map(({ name }) => name).join(', ')}];`,
    '',
  ].join('\n');
}

if (process.argv[1] === new URL(import.meta.url).pathname) writeFileSync(new URL('index.ts', folder), layersIndex());
