import type { Answer, Mark } from '../model/audit.ts';
import type { Finding } from '../model/finding.ts';

/** Worst last. */
const MARKS = ['good', 'note', 'unknown', 'warning', 'critical'] as const satisfies readonly Mark[];

/** The worst mark that findings ask for. */
export function markOf(findings: readonly Finding[]): Mark {
  return worst(findings.map(({ severity }) => (severity === 'info' ? 'note' : severity)));
}

export function worst(marks: readonly Mark[]): Mark {
  return MARKS[Math.max(0, ...marks.map((mark) => MARKS.indexOf(mark)))] ?? 'good';
}

/** An answer from findings of certain codes: what each stands for in a few words, once. Undefined where there is none. */
export function brief(about: string, findings: readonly Finding[], words: Readonly<Record<string, string>>): Answer | undefined {
  const mine = findings.filter(({ code }) => Object.hasOwn(words, code));
  if (mine.length === 0) return undefined;
  const texts = new Set(Object.keys(words).flatMap((code) => (mine.some((each) => each.code === code) ? (words[code] ?? []) : [])));
  return { about, mark: markOf(mine), text: [...texts].join('; ') };
}

/** Names on one line that still can be read. */
const SHOWN = 3;

/** "a, b, c and 4 more" */
export function few(names: readonly string[]): string {
  return names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '');
}

/** "1 step", "2 steps" */
export function count(number: number, word: string): string {
  return `${number} ${word}${number === 1 ? '' : 's'}`;
}
