import { closeSync, fsyncSync, lstatSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Rehearsal, RehearsalRecord } from '../model/rehearsal.ts';

/** What is to be remembered of a rehearsal. */
export function recordOf(result: Rehearsal, date: Date, { stack, tools }: Pick<RehearsalRecord, 'stack' | 'tools'>): RehearsalRecord {
  return { schema: 1, date: date.toISOString(), phase: result.phase, ok: result.ok, verdict: verdictOf(result), stack, tools };
}

function verdictOf({ closed, of, open, asked, unclean, keys }: Rehearsal): string {
  return [
    `closed ${closed} of ${of}${open.length > 0 ? ` (still open: ${open.join(', ')})` : ''}`,
    unclean.length === 0 ? 'clean' : `${unclean.length} of ${asked} checks failed`,
    ...(keys === null ? [] : [keys.found === 0 ? 'no key left' : `${keys.found} fragments of keys left in memory`]),
  ].join(', ');
}

/**
 * Writes a record for its owner alone, whole or not at all. A link in its place is replaced and not followed, and a folder that is a
 * link is refused.
 * @throws Error saying why it could not be written.
 */
export function writeRecord(path: string, record: RehearsalRecord): void {
  const folder = dirname(path);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (!lstatSync(folder).isDirectory()) throw new Error(`${folder} is a link`);
  const draft = `${path}.${process.pid}`;
  rmSync(draft, { force: true });
  try {
    const fd = openSync(draft, 'wx', 0o600);
    try {
      writeFileSync(fd, `${JSON.stringify(record)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    renameSync(draft, path);
  } finally {
    rmSync(draft, { force: true });
  }
}
