import type { Finding } from '../model/finding.ts';
import type { RehearsalRecord } from '../model/rehearsal.ts';

/** What the host is like now, as far as a rehearsal depends on it. */
type Now = Pick<RehearsalRecord, 'stack' | 'tools'>;

/** How the last rehearsal ended, and whether it still speaks of this host. Silent where there was none. */
export function rehearsalFindings(record: RehearsalRecord | undefined, now: () => Now): Finding[] {
  if (!record) return [];
  const changes = changesSince(record, now());
  const since = changes.length > 0 ? `; since then ${changes.join(', and ')}` : '';
  const date = new Date(record.date).toISOString().slice(0, 16).replace('T', ' ');
  const part = record.phase === 'live' ? ' (the live phase alone)' : record.phase === 'exitrd' ? ' (the exitrd alone)' : '';
  const text = `rehearsed on ${date} UTC${part}: ${record.verdict}${since}`;
  if (!record.ok) return [{ code: 'rehearsal-failed', severity: 'warning', text, fix: 'uninitramfs rehearse --keep DIR, and read the consoles there' }];
  if (changes.length > 0) return [{ code: 'rehearsal-outdated', severity: 'info', text, fix: 'uninitramfs rehearse' }];
  return [{ code: 'rehearsed', severity: 'info', text, fix: 'nothing to do' }];
}

/** What is different since a rehearsal, in words. */
export function changesSince(then: RehearsalRecord, now: Now): string[] {
  const added = without(now.stack, then.stack);
  const gone = without(then.stack, now.stack);
  const exchanged = Object.keys(now.tools).filter((name) => name in then.tools && then.tools[name] !== now.tools[name]);
  return [
    ...(added.length > 0 ? [`the stack has got ${few(added)}`] : []),
    ...(gone.length > 0 ? [`the stack has lost ${few(gone)}`] : []),
    ...(exchanged.length > 0 ? [`other versions came of ${few(exchanged)}`] : []),
  ];
}

function without(lines: readonly string[], others: readonly string[]): string[] {
  const known = new Set(others);
  return lines.filter((line) => !known.has(line));
}

/** Names on one line that still can be read. */
const SHOWN = 3;

function few(names: readonly string[]): string {
  return names.slice(0, SHOWN).join(', ') + (names.length > SHOWN ? ` and ${names.length - SHOWN} more` : '');
}
