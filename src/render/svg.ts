import { instance } from '@viz-js/viz';

/** Draws a dot text as SVG. In a bundle of its own: the engine is a megabyte that only this needs. */
export async function renderSvg(dot: string): Promise<string> {
  const viz = await instance();
  return viz.renderString(dot, { format: 'svg' });
}
