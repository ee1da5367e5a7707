import type { Rehearsal, Rehearsed } from '../model/rehearsal.ts';
import { type Paint, printable } from './words.ts';

/** One line as a part of a rehearsal ends. */
export function renderRehearsed({ title, seconds, error }: Rehearsed, paint: Paint): string {
  const badge = error === undefined ? paint('green', '  OK  ') : paint('red', 'FAILED');
  return `[${badge}] ${printable(title)}${error === undefined ? '' : `: ${printable(error)}`}  ${paint('dim', `${seconds.toFixed(2)} s`)}`;
}

/** What was chosen, and the verdict in three lines. */
export function renderVerdict(result: Rehearsal, paint: Paint): string[] {
  const mark = (good: boolean, text: string) => paint(good ? 'green' : 'red', text);
  const { closed, of, open, asked, unclean, keys } = result;
  return [
    ...(result.notes.length > 0 ? ['', 'Chosen, because nothing tells it:', ...result.notes.map((note) => paint('dim', `  ${printable(note)}`))] : []),
    '',
    mark(open.length === 0, `closed      ${closed} of ${of}${open.length > 0 ? `; still open: ${open.map(printable).join(', ')}` : ''}`),
    mark(unclean.length === 0, `clean       ${asked - unclean.length} of ${asked} checks${unclean.length > 0 ? `; ${unclean.map(printable).join('; ')}` : ''}`),
    keys === null
      ? paint('dim', 'keys left   not looked for: nothing is encrypted, or it stays in use after this phase')
      : mark(keys.found === 0, `keys left   ${keys.found} fragments in the memory after power-off (${keys.fragments} looked for)`),
  ];
}
