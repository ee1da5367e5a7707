import type { Audited, Mark } from '../model/audit.ts';
import { FURTHER, MARK_WORDS, minute, otherFindings, QUESTIONS, rehearsalWords } from './audit-words.ts';
import { type Paint, printable } from './words.ts';
import { hang } from './wrap.ts';

const COLOUR = { good: 'green', note: 'dim', unknown: 'cyan', warning: 'yellow', critical: 'red' } as const;
const SIGN = { critical: '!!', warning: '! ', info: 'i ' } as const;
const SEVERITY_COLOUR = { critical: 'red', warning: 'yellow', info: 'dim' } as const;

/** An audit for a person, in 80 columns: what an owner fears first, then what to do about it. */
export function renderAudit(audited: Audited, paint: Paint): string {
  const { host, date, version, posture } = audited;
  const findings = otherFindings(audited);
  const lines = [
    paint('bold', `${printable(host)}: audit of ${minute(date)}, by uninitramfs ${version}`),
    ...(['data', 'hang', 'keys'] as const).flatMap((fear) => [
      '',
      paint('bold', QUESTIONS[fear]),
      ...posture[fear].flatMap(({ mark, text }) => marked(mark, text, paint)),
    ]),
    '',
    paint('bold', `Findings: ${findings.length === 0 ? 'none' : findings.length}`),
    ...findings.flatMap(({ severity, text, fix }) => [
      ...signed(SIGN[severity], SEVERITY_COLOUR[severity], text, paint),
      ...hang('     ', `fix: ${printable(fix)}`, (line) => paint('dim', line)),
    ]),
    '',
    paint('bold', 'Last rehearsal'),
    ...rehearsal(audited, paint),
    '',
    paint('bold', 'Last shutdown'),
    ...marked(audited.last.mark, audited.last.text, paint),
    '',
    paint('bold', 'Further'),
    ...FURTHER.map(([command, what]) => `  ${command.padEnd(WIDEST)}  ${paint('dim', what)}`),
  ];
  return `${lines.join('\n')}\n`;
}

const WIDEST = Math.max(...FURTHER.map(([command]) => command.length));

function marked(mark: Mark, text: string, paint: Paint): string[] {
  const word = MARK_WORDS[mark];
  const badge = word.padStart(Math.ceil((BADGE + word.length) / 2)).padEnd(BADGE);
  return hang(`  [${badge}] `, printable(text)).map((line, index) => (index === 0 ? line.replace(badge, paint(COLOUR[mark], badge)) : line));
}

const BADGE = 6;

function signed(sign: string, colour: 'red' | 'yellow' | 'dim', text: string, paint: Paint): string[] {
  return hang(`  ${sign} `, printable(text)).map((line, index) => (index === 0 ? line.replace(sign, paint(colour, sign)) : line));
}

function rehearsal(audited: Audited, paint: Paint): string[] {
  const { mark, text, fix } = rehearsalWords(audited);
  const way = fix === undefined ? [] : hang(' '.repeat(BADGE + 5), `fix: ${fix}`, (line) => paint('dim', line));
  return [...marked(mark, text, paint), ...way];
}
