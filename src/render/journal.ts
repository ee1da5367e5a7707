import type { Report, StepResult } from '../model/report.ts';
import type { Step } from '../model/step.ts';
import { printable } from './words.ts';

/** The fields of an entry of the journal, MESSAGE among them (systemd.journal-fields(7)). */
export type JournalEntry = readonly (readonly [field: string, value: string])[];

/** This program's own ids, one an outcome: they outlive any change of words. */
const MESSAGE_IDS = {
  done: '71b8b6cd809b44779964eea6664c40d2',
  already: '1a9cc9799de84617a2f5d08a57b02b0c',
  failed: '1c2075ff91d5458ea177eff29ca23787',
  abandoned: '71e9519ac4f84751a86a7f7a16de79db',
  skipped: '6ad3ac305b3f4b8fae7c47efd8a20a78',
} as const satisfies Record<StepResult['outcome'], string>;

/** That a live run has ended. */
const END_ID = 'e52dd419246848eda1dfa06151e3ea33';

const MOST_LEFT = 200;

/** As in syslog(3). */
const PRIORITIES = { done: 6, already: 6, failed: 3, abandoned: 3, skipped: 4 } as const;
const NOTICE = 5;
const INFO = 6;
const WARNING = 4;

/** How the first word of a step's title sounds when it is done. */
const PAST: Readonly<Record<string, string>> = {
  close: 'Closed',
  deactivate: 'Deactivated',
  detach: 'Detached',
  export: 'Exported',
  flush: 'Flushed',
  let: 'Let',
  remove: 'Removed',
  stop: 'Stopped',
  turn: 'Turned',
  unmount: 'Unmounted',
};

/** An entry as a step ends, in systemd's own way: "Unmounted /srv/data.", "Failed to unmount /srv/data: target is busy." */
export function stepEntry(step: Step, result: StepResult): JournalEntry {
  const { outcome, seconds, error } = result;
  return [
    ...lineEntry(messageOf(step.title, result), PRIORITIES[outcome]),
    ['MESSAGE_ID', MESSAGE_IDS[outcome]],
    ['UNINITRAMFS_STEP', step.id],
    ['UNINITRAMFS_NODE', step.node],
    ['UNINITRAMFS_OUTCOME', outcome],
    ['UNINITRAMFS_SECONDS', String(seconds)],
    ...(error === undefined ? [] : [['UNINITRAMFS_ERROR', error] as const]),
  ];
}

/** The last entry of a live run. */
export function endEntry(lines: readonly string[], report: Report): JournalEntry {
  const left = report.left ?? [];
  return [
    ...lineEntry(lines.join('\n'), left.length === 0 ? NOTICE : WARNING),
    ['MESSAGE_ID', END_ID],
    // An entry takes 1024 fields (systemd: src/libsystemd/sd-journal/journal-importer.h).
    ...left.slice(0, MOST_LEFT).map((id) => ['UNINITRAMFS_LEFT', id] as const),
  ];
}

/** Any other line. */
export function lineEntry(message: string, priority: number = INFO): JournalEntry {
  return [
    ['MESSAGE', message],
    ['PRIORITY', String(priority)],
    ['SYSLOG_IDENTIFIER', 'uninitramfs'],
  ];
}

function messageOf(title: string, { outcome, error }: StepResult): string {
  const [verb = '', ...rest] = title.split(' ');
  const past = Object.hasOwn(PAST, verb) ? [PAST[verb], ...rest].join(' ') : `Done: ${title}`;
  const why = error === undefined ? '.' : `: ${error}`;
  const told = {
    done: `${past}.`,
    already: `Nothing to do, it was done: ${title}.`,
    failed: `Failed to ${title}${why}`,
    abandoned: `Left behind: ${title}${why}`,
    skipped: `Skipped: ${title}${why}`,
  }[outcome];
  return printable(told);
}
