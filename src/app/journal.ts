import { existsSync } from 'node:fs';
import { helperProgram } from '../exitrd/hooks.ts';
import { Journal, leadsToJournal } from '../run/journal.ts';

/** The journal, where this file descriptor leads to it. */
export function openJournal(fd: 1 | 2): Journal | undefined {
  if (!leadsToJournal(fd)) return undefined;
  const helper = helperProgram();
  return new Journal(existsSync(helper) ? helper : undefined, fd);
}
