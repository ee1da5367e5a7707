import { createHash } from 'node:crypto';
import type { Answer, Audited, Mark } from '../model/audit.ts';
import type { Report, ReportStep } from '../model/report.ts';
import { FURTHER, minute, otherFindings, QUESTIONS, rehearsalWords } from './audit-words.ts';
import { html, type Markup } from './html.ts';
import { inlinePicture } from './page-picture.ts';
import { STYLE } from './page-style.ts';
import { renderTree } from './tree.ts';
import { quoteCommand } from './words.ts';

interface Page {
  readonly audited: Audited;
  readonly report: Report;
  /** The picture of the stack, as Graphviz draws it. */
  readonly svg: string;
}

/** An audit as one page that needs nothing else: no script, nothing to fetch, readable on paper and on a phone. */
export function renderPage({ audited, report, svg }: Page): string {
  const { host, date, version, posture } = audited;
  const body = html`<main>
<header><h1>${host}</h1><p class="soft">Audit of ${minute(date)}, by uninitramfs ${version}</p></header>
<section class="fears">${(['data', 'hang', 'keys'] as const).map((fear) => card(QUESTIONS[fear], posture[fear]))}</section>
<section><h2>Findings</h2><div class="card">${findings(audited)}</div></section>
<section><h2>The stack</h2>${picture(report, svg)}</section>
<section><h2>The order</h2><div class="orders">${orders(report)}</div></section>
<section><h2>Last rehearsal</h2><div class="card">${rehearsal(audited)}</div></section>
<section><h2>Last shutdown</h2><div class="card"><ul class="answers"><li>${badge(audited.last.mark)}<span>${audited.last.text}</span></li></ul></div></section>
<section><h2>Further</h2><dl>${FURTHER.map(([command, what]) => html`<dt><code>${command}</code></dt><dd>${what}</dd>`)}</dl></section>
<footer>This page loads nothing and runs nothing.</footer>
</main>`;
  return `<!DOCTYPE html>\n${
    html`<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${host}: uninitramfs audit</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
${body}
</body>
</html>`.markup
  }\n`;
}

/** Nothing but the one style that stands in the page itself. */
const POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;

const WORDS = { good: 'ok', note: 'note', unknown: 'not seen', warning: 'warning', critical: 'critical', info: 'note' } as const;

function badge(mark: Mark | 'info'): Markup {
  return html`<span class="mark ${mark}">${WORDS[mark]}</span>`;
}

function card(title: string, answers: readonly Answer[]): Markup {
  return html`<div class="card"><h3>${title}</h3><ul class="answers">${answers.map(({ mark, text }) => html`<li>${badge(mark)}<span>${text}</span></li>`)}</ul></div>`;
}

function findings(audited: Audited): Markup {
  const found = otherFindings(audited);
  if (found.length === 0) return html`<p>None.</p>`;
  return html`<ul class="findings">${found.map(
    ({ severity, text, fix, code }) =>
      html`<li>${badge(severity)}<div><p>${text}</p><p class="soft">Fix: ${fix}</p><p class="soft"><code>${code}</code></p></div></li>`,
  )}</ul>`;
}

function picture(report: Report, svg: string): Markup {
  const plain = (_style: unknown, text: string) => text;
  return html`<figure class="card"><div class="scroll">${inlinePicture(svg, 'What lies on what, disks at the bottom')}</div>
<figcaption><span class="key live">closed live</span><span class="key exitrd">closed in the exitrd</span><span class="key ground">disks and partitions</span><span class="key left">left open</span>
Disks are at the bottom; the numbers give the order.
<details><summary>The same as text</summary><pre>${renderTree(report, plain).map((line) => html`${line}\n`)}</pre></details></figcaption></figure>`;
}

function orders({ steps }: Report): Markup[] {
  const live = steps.filter((step) => step.stage === 'live');
  const exitrd = steps.filter((step) => step.stage === 'exitrd');
  return [order('Live, outside the root', live, 1), order('In the exitrd, what the running system lives on', exitrd, live.length + 1)];
}

function order(title: string, steps: readonly ReportStep[], first: number): Markup {
  if (steps.length === 0) return html`<div class="card"><h3>${title}</h3><p>Nothing.</p></div>`;
  return html`<div class="card"><h3>${title}</h3><ol start="${first}">${steps.map(
    ({ title: what, commands }) => html`<li>${what}${commands.map((command) => html`<code>${quoteCommand(command)}</code>`)}</li>`,
  )}</ol></div>`;
}

function rehearsal(audited: Audited): Markup {
  const { mark, text, fix } = rehearsalWords(audited);
  return html`<ul class="findings"><li>${badge(mark)}<div><p>${text}</p>${fix === undefined ? [] : [html`<p class="soft">Fix: ${fix}</p>`]}</div></li></ul>`;
}
