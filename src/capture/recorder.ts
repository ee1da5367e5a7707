import type { Door } from '../model/sources.ts';
import { answerPath } from '../sources/door.ts';

/** What a capture holds at a path. */
export type Entry = { readonly is: 'file'; readonly text: string } | { readonly is: 'link'; readonly to: string } | { readonly is: 'folder' };

/** A door that remembers every answer, so that a tree of these answers gives the same answers again. */
export function recordingDoor(door: Door): { door: Door; entries: Map<string, Entry> } {
  const entries = new Map<string, Entry>();
  const keep = (path: string, entry: Entry): void => {
    if (entries.get(path)?.is !== 'file') entries.set(path, entry);
  };
  const recording: Door = {
    ...door,
    text(path) {
      const text = door.text(path);
      if (text !== undefined) keep(path, { is: 'file', text: `${text}\n` });
      return text;
    },
    list(path) {
      const names = door.list(path);
      if (names.length > 0 || door.exists(path)) keep(path, { is: 'folder' });
      for (const name of names) if (!entries.has(`${path}/${name}`)) keep(`${path}/${name}`, { is: 'folder' });
      return names;
    },
    link(path) {
      const to = door.link(path);
      if (to !== undefined) entries.set(path, { is: 'link', to });
      return to;
    },
    answer(argv) {
      const text = door.answer(argv);
      if (text !== undefined) keep(answerPath(argv), { is: 'file', text });
      return text;
    },
    exists(path) {
      const there = door.exists(path);
      if (there && !entries.has(path)) keep(path, { is: 'folder' });
      return there;
    },
  };
  return { door: recording, entries };
}
