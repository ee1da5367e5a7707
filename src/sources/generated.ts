import type { Generated, GeneratedLink } from '../model/generated.ts';
import type { Door } from '../model/sources.ts';

/** Where generators write what they make of the system's tables (systemd.generator(7)). */
const FOLDERS = ['/run/systemd/generator', '/run/systemd/generator.late'];

export function readGenerated(door: Door): Generated {
  const files = FOLDERS.flatMap((folder) => door.list(folder).map((name) => ({ name, path: `${folder}/${name}` })));
  return {
    units: files.flatMap(({ name, path }) => {
      // A link is an alias, or says what is wanted by what.
      const text = door.link(path) === undefined ? door.text(path) : undefined;
      return text === undefined ? [] : [{ name, text }];
    }),
    links: files.flatMap(({ name, path }) => {
      const [, unit, word] = /^(.+)\.(requires|wants)$/.exec(name) ?? [];
      if (unit === undefined) return [];
      return door.list(path).map((needed) => ({ unit, word: word as GeneratedLink['word'], needed }));
    }),
  };
}
