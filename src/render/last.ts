import type { Last } from '../model/last.ts';
import type { Receipt } from '../model/receipt.ts';
import { type Paint, printable } from './words.ts';
import { hang } from './wrap.ts';

const BADGES = { good: ['green', '[  ok  ]'], bad: ['red', '[ left ]'], unknown: ['cyan', '[  ??  ]'] } as const;

/** How the last shutdown went, for a person, in 80 columns. */
export function renderLast(last: Last, paint: Paint): string {
  const [colour, badge] = BADGES[last.mark];
  const head = hang(`${badge} `, printable(`last shutdown: ${last.text}`)).map((line, index) =>
    index === 0 ? line.replace(badge, paint(colour, badge)) : line,
  );
  const more = last.receipt ? receiptLines(last.receipt) : judgementLines(last);
  return `${[...head, ...more.flatMap((line) => hang('  ', printable(line)))].join('\n')}\n`;
}

function receiptLines({ verb, time, closed, steps, left, leftMore, version, uptime, boot }: Receipt): string[] {
  const date = time === undefined ? 'its clock was wrong' : new Date(time * 1000).toISOString().replace('T', ' ').replace('.000Z', ' UTC');
  return [
    `by the receipt of its exitrd${version === undefined ? '' : ` (uninitramfs ${version})`}: ${verb ?? 'the end'}, ${date}`,
    ...(closed === undefined || steps === undefined ? [] : [`steps done: ${closed} of ${steps}`]),
    ...left.map((line) => `left: ${line}`),
    ...(leftMore > 0 ? [`left: ${leftMore} more, for which the receipt had no room`] : []),
    ...(boot === undefined ? [] : [`the boot that ended: ${boot}${uptime === undefined ? '' : `, after ${uptime} s`}`]),
  ];
}

function judgementLines({ from, noReceipt, signs, unknown }: Last): string[] {
  return [
    ...(noReceipt === undefined ? [] : [`no receipt: ${noReceipt}`]),
    ...(from === 'log' ? ['this is a judgement, by what the kernel and fsck said at this boot'] : []),
    ...signs.map((line) => `said: ${line}`),
    ...unknown.map((line) => `not known: ${line}`),
  ];
}
