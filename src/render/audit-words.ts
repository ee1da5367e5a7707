import type { Audited, Mark } from '../model/audit.ts';

/** What the parts of an audit are called, for a terminal and for a page. */
export const QUESTIONS = {
  data: 'Data: will everything be closed?',
  hang: 'Hang: what could hold a shutdown up?',
  keys: 'Keys: who could get at them?',
} as const satisfies Record<keyof Audited['posture'], string>;

export const MARK_WORDS = { good: 'ok', note: 'note', unknown: '??', warning: 'warn', critical: 'crit' } as const satisfies Record<Mark, string>;

/** Where to look further, each with what is there. */
export const FURTHER = [
  ['teardown --dry-run', 'the stack, and every step with its command'],
  ['uninitramfs rehearse', 'shut a miniature of it down, and prove what is left'],
  ['uninitramfs keyfiles', 'devices that hold keys of others'],
  ['uninitramfs exitrd show', 'what the next shutdown takes along, and why'],
  ['uninitramfs last', 'how the last shutdown went, in full'],
  ['uninitramfs config', 'the settings in force, and where they come from'],
  ['man uninitramfs', 'all of it'],
] as const;

/** How the last rehearsal went, in a line, with what to do; and its own findings, which it replaces. */
export function rehearsalWords({ rehearsal }: Audited): { mark: Mark; text: string; fix: string | undefined } {
  if (!rehearsal) return { mark: 'note', text: 'never, as far as is known here', fix: 'uninitramfs rehearse (it touches nothing here)' };
  const { date, phase, ok, verdict, changes } = rehearsal;
  const part = phase === 'both' ? '' : ` (${phase} alone)`;
  const since = changes.length > 0 ? `; since then ${changes.join(', and ')}` : '';
  const text = `${minute(date)}${part}: ${verdict}${since}`;
  if (!ok) return { mark: 'warning', text, fix: 'uninitramfs rehearse --keep DIR, and read the consoles there' };
  return changes.length > 0 ? { mark: 'note', text, fix: 'uninitramfs rehearse' } : { mark: 'good', text, fix: undefined };
}

/** The findings beside those that the rehearsal's own part tells. */
export function otherFindings({ findings }: Audited): Audited['findings'] {
  return findings.filter(({ code }) => code !== 'rehearsed' && !code.startsWith('rehearsal-'));
}

/** "2026-11-21 20:10 UTC" */
export function minute(date: string): string {
  return `${new Date(date).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
