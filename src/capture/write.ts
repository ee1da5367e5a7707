import { mkdir, open, readdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { pack } from 'tar-stream';
import { isUserError, UserError } from '../model/errors.ts';
import type { Entry } from './recorder.ts';

/**
 * Writes a capture to a folder, or to a tar file when the name ends in .tar, .tar.gz or .tgz. Only the caller can read it.
 * @throws UserError when the folder is not empty or the place cannot be written.
 */
export async function writeCapture(target: string, entries: ReadonlyMap<string, Entry>): Promise<void> {
  const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
  try {
    await (/\.(tar|tar\.gz|tgz)$/.test(target) ? writeTar(target, sorted) : writeFolder(target, sorted));
  } catch (error) {
    if (isUserError(error)) throw error;
    throw new UserError(`${target} cannot be written (${(error as NodeJS.ErrnoException).code ?? error}): give another DIR or FILE.tar`);
  }
}

async function writeTar(file: string, entries: readonly (readonly [string, Entry])[]): Promise<void> {
  // Opened first: an error of a stream nobody reads yet would be nobody's.
  const handle = await open(file, 'wx', 0o600);
  const tar = pack();
  for (const [path, entry] of entries) {
    const name = path.slice(1);
    if (entry.is === 'file') tar.entry({ name, mode: 0o644 }, entry.text);
    else if (entry.is === 'link') tar.entry({ name, type: 'symlink', linkname: entry.to });
    else tar.entry({ name: `${name}/`, type: 'directory', mode: 0o755 });
  }
  tar.finalize();
  const out = handle.createWriteStream();
  await (file.endsWith('.tar') ? pipeline(tar, out) : pipeline(tar, createGzip(), out));
}

async function writeFolder(folder: string, entries: readonly (readonly [string, Entry])[]): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0) throw new UserError(`${folder} is not empty: give a new folder`);
  for (const [path, entry] of entries) {
    const place = join(folder, path);
    if (entry.is === 'folder') {
      await mkdir(place, { recursive: true });
      continue;
    }
    await mkdir(dirname(place), { recursive: true });
    await (entry.is === 'file' ? writeFile(place, entry.text, { flag: 'wx' }) : symlink(entry.to, place));
  }
}
