import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { audited, EVIL_PAGE, NAS_PAGE, report } from '../support/pages.ts';

const pages = [
  ['of a host', NAS_PAGE],
  ['of a host with evil names', EVIL_PAGE],
] as const;

const tags = (page: string) => [...page.replace(/<style>[\s\S]*<\/style>/, '').matchAll(/<([a-zA-Z][\w-]*)((?:"[^"]*"|[^">])*)>/g)];

describe.each(pages)('the page %s', (_what, page) => {
  it('has no element that could run or fetch something', () => {
    const known =
      'html head meta title body main header section footer h1 h2 h3 p ul ol li div span code pre dl dt dd figure figcaption details summary svg g path polygon text'.split(
        ' ',
      );
    for (const [, name] of tags(page)) expect(known).toContain(name);
    for (const [, name, attributes = ''] of tags(page)) {
      expect(attributes, name).not.toMatch(/(^|\s)(on\w+|style|src|srcset|href|xlink:href|action|background|data|poster)\s*=/i);
      if (name === 'meta') expect(attributes).not.toContain('refresh');
    }
    expect(page.match(/<style>[\s\S]*<\/style>/)?.[0]).not.toMatch(/url\(|@import|expression|image-set/);
  });

  it('allows nothing but its own style, whose hash it names', () => {
    const style = /<style>([\s\S]*)<\/style>/.exec(page)?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = `default-src &#39;none&#39;; style-src &#39;sha256-${hash}&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;`;
    expect(page).toContain(`<meta http-equiv="Content-Security-Policy" content="${policy}">`);
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'));
    expect(page.match(/<style/g)).toHaveLength(1);
  });

  it('has no control character', () => {
    expect(page).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/);
  });

  it('closes what it opens', () => {
    const open = tags(page)
      .filter(([, name, rest]) => name !== 'meta' && !rest?.endsWith('/'))
      .map(([, name]) => name);
    const closed = [...page.matchAll(/<\/([a-zA-Z][\w-]*)>/g)].map(([, name]) => name);
    expect(closed.filter((name) => name !== 'style').sort()).toEqual(open.sort());
  });
});

describe('the page', () => {
  it('has the answers, the findings with their fixes, the picture and every step with its commands', () => {
    for (const { text } of Object.values(audited.posture).flat()) expect(NAS_PAGE).toContain(text.replaceAll("'", '&#39;'));
    for (const { text, fix } of audited.findings) for (const words of [text, fix]) expect(NAS_PAGE).toContain(words);
    expect(NAS_PAGE).toMatch(/<svg role="img" aria-label="[^"]+" class="fits" width="\d/);
    expect(NAS_PAGE.match(/class="node (live|exitrd)"/g)?.length).toBeGreaterThanOrEqual(28);
    expect(NAS_PAGE.match(/<ol start="(1|22)">/g)).toHaveLength(2);
    for (const { title, commands } of report.steps) {
      expect(NAS_PAGE).toContain(`<li>${title}<code>`);
      for (const command of commands) expect(NAS_PAGE).toContain(`<code>${command.join(' ')}</code>`);
    }
    expect(NAS_PAGE).toContain('<p class="soft">Audit of 2026-03-04 05:06 UTC, by uninitramfs 1.2.3</p>');
  });

  it('shows evil names as they are', () => {
    expect(EVIL_PAGE).toContain('<h1>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;</h1>');
    expect(EVIL_PAGE).toContain('&quot;onload=&quot;');
    expect(EVIL_PAGE).toContain('&amp;lt; \\x1b[31m');
    expect(EVIL_PAGE).toMatch(/<text [^>]*>1\. \/srv\/.*&amp;lt; \\x1b\[31m<\/text>/);
  });
});
