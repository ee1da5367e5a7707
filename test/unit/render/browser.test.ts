import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { EVIL_PAGE, NAS_PAGE } from '../support/pages.ts';

/** Text this weak is hard to read: WCAG 2.2, 1.4.3, level AA. */
const CONTRAST = 4.5;

let browser: Browser;
const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-page-'));
beforeAll(async () => {
  browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
}, 60_000);
afterAll(async () => {
  await browser?.close();
  rmSync(folder, { recursive: true, force: true });
});

interface Seen {
  readonly texts: readonly { readonly text: string; readonly ink: readonly number[]; readonly paper: readonly number[] }[];
  /** Pixels that the page is wider than its window. */
  readonly wide: number;
  readonly body: readonly number[];
}
const LOOK = readFileSync(new URL('look.js', import.meta.url), 'utf8');

/** WCAG 2.2, "relative luminance". */
function luminance([red = 0, green = 0, blue = 0]: readonly number[]): number {
  const linear = (value: number) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue);
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

it.each([
  ['light', 'of a host', NAS_PAGE, 1280],
  ['dark', 'of a host', NAS_PAGE, 1280],
  ['light', 'of a host with evil names', EVIL_PAGE, 390],
  ['dark', 'of a host, on a telephone', NAS_PAGE, 390],
] as const)('Chromium shows %s the page %s: it can be read, fits, runs nothing and asks for nothing', async (colorScheme, _what, html, width) => {
  const file = join(folder, 'page.html');
  writeFileSync(file, html);
  const page = await browser.newPage({ colorScheme, viewport: { width, height: 900 } });
  const asked: string[] = [];
  const said: string[] = [];
  page.on('request', (request) => void asked.push(request.url()));
  page.on('console', (message) => void said.push(message.text()));
  page.on('pageerror', (error) => void said.push(error.message));
  page.on('dialog', (dialog) => void said.push(dialog.message()));
  await page.goto(pathToFileURL(file).href);
  const { texts, wide, body } = (await page.evaluate(LOOK)) as Seen;
  expect(asked).toEqual([pathToFileURL(file).href]);
  expect(said).toEqual([]);
  expect(wide).toBeLessThanOrEqual(0);
  expect(luminance(body) > 0.5).toBe(colorScheme === 'light');
  expect(texts.length).toBeGreaterThan(40);
  expect(texts.filter(({ ink, paper }) => contrast(ink, paper) < CONTRAST)).toEqual([]);
  await page.close();
});
