import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { layers } from '../../../src/layers/index.ts';
import { layersIndex } from '../../tools/layers-index.ts';

it('the index of layers is what its folder holds (npm run layers)', () => {
  const index = readFileSync(new URL('../../../src/layers/index.ts', import.meta.url), 'utf8');
  const names = (text: string) => [...text.matchAll(/from '\.\/([\w-]+)\.ts'/g)].map((match) => match[1]).sort();
  expect(names(index)).toEqual(names(layersIndex()));
});

it('each has a line in the manual', () => {
  const manual = readFileSync(new URL('../../../docs/LAYERS.md', import.meta.url), 'utf8');
  const told = [...manual.matchAll(/^\| ([^|]+) \|/gm)].flatMap(([, first = '']) => (first.split(':')[0] as string).split(/, | /));
  for (const { kind } of layers) expect(told).toContain(kind);
});
