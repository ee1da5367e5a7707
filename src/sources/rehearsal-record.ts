import { homedir } from 'node:os';
import { join } from 'node:path';
import type { RehearsalRecord } from '../model/rehearsal.ts';
import type { Door } from '../model/sources.ts';

const FILE = 'uninitramfs/rehearsal.json';

/** Where whoever runs this keeps what the last rehearsal came to: root below /var/lib, others where their programs keep such things. */
export function recordPath(uid = process.getuid?.(), env: NodeJS.ProcessEnv = process.env): string {
  if (uid === 0) return join('/var/lib', FILE);
  const state = env.XDG_STATE_HOME;
  // A relative one does not count (XDG Base Directory Specification).
  return join(state?.startsWith('/') ? state : join(homedir(), '.local/state'), FILE);
}

/** What the last rehearsal of this host came to; undefined where there was none, or none that can be read. */
export function readRecord(door: Door): RehearsalRecord | undefined {
  const text = door.text(door.live ? recordPath() : recordPath(0));
  if (text === undefined) return undefined;
  try {
    const record: unknown = JSON.parse(text);
    return isRecord(record) ? record : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is RehearsalRecord {
  if (typeof value !== 'object' || value === null) return false;
  const { schema, date, phase, ok, verdict, stack, tools } = value as Record<string, unknown>;
  return (
    schema === 1 &&
    typeof date === 'string' &&
    !Number.isNaN(Date.parse(date)) &&
    typeof phase === 'string' &&
    typeof ok === 'boolean' &&
    typeof verdict === 'string' &&
    Array.isArray(stack) &&
    stack.every((line) => typeof line === 'string') &&
    typeof tools === 'object' &&
    tools !== null
  );
}
