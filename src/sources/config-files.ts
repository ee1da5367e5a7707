import { UserError } from '../model/errors.ts';
import type { Door } from '../model/sources.ts';

const NAME = 'uninitramfs.toml';
const ETC = '/etc/uninitramfs';
/** For one boot. */
const RUN = '/run/uninitramfs';

export interface ConfigFile {
  readonly path: string;
  readonly text: string;
}

/**
 * The files that configure a host, a later one before an earlier one: the main file, then the drop-ins by name. As with systemd's, one in
 * /etc takes the place of one in /run that has the same name.
 * @throws UserError for one that is there and cannot be read: what it says may be what keeps a secret off a disk.
 */
export function configFiles(door: Door): ConfigFile[] {
  for (const folder of [ETC, RUN]) refuseClosed(door, folder);
  const main = `${ETC}/${NAME}`;
  const dropIns = new Map([RUN, ETC].flatMap((folder) => dropInsOf(door, `${folder}/${NAME}.d`)));
  const byName = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
  return [...(door.exists(main) ? [main] : []), ...byName].map((path) => ({ path, text: readable(door, path) }));
}

function dropInsOf(door: Door, folder: string): [name: string, path: string][] {
  refuseClosed(door, folder);
  if (door.text(folder) !== undefined) throw new UserError(`${folder} is a file; it has to be a folder, with files called NAME.toml in it`);
  return door
    .list(folder)
    .filter((name) => name.endsWith('.toml') && !name.startsWith('.'))
    .map((name) => [name, `${folder}/${name}`]);
}

function readable(door: Door, path: string): string {
  const text = door.text(path);
  if (text !== undefined) return text;
  if (door.list(path).length > 0) throw new UserError(`${path} is a folder; it has to be a file`);
  throw new UserError(`${path} is there and cannot be read; it has to be a file, and one that everybody may read (chmod 644)`);
}

/** What is in a folder that is closed to whoever asks would otherwise count as absent. */
function refuseClosed(door: Door, folder: string): void {
  const mode = door.mode(folder);
  if (mode === undefined || process.getuid?.() === 0 || door.list(folder).length > 0) return;
  if ((mode & 0o005) !== 0o005) throw new UserError(`${folder} cannot be looked into; everybody should be able to (chmod 755)`);
}
