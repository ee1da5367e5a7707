import type { Markup } from './html.ts';

/** Up to here a picture may be made smaller to fit a window, and still be read; a wider one is scrolled. */
const FITS = 1600;

/** Graphviz's drawing as a part of a page: without its prolog, comments and tooltips (its own names), as wide as it was drawn. */
export function inlinePicture(svg: string, label: string): Markup {
  const inner = svg
    .slice(svg.indexOf('<svg'))
    .replace(/<!--[\s\S]*?-->/g, '')
    .replace(/<title>[^<]*<\/title>/g, '');
  const head = (_: string, width: string, height: string) =>
    `<svg role="img" aria-label="${label}"${Number(width) <= FITS ? ' class="fits"' : ''} width="${width}" height="${height}"`;
  return { markup: inner.replace(/<svg width="([\d.]+)pt" height="([\d.]+)pt"/, head).trim() };
}
