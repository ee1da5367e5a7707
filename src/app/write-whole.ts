import { randomBytes } from 'node:crypto';
import { closeSync, constants, fchmodSync, fsyncSync, lstatSync, openSync, renameSync, rmSync, type Stats, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../model/errors.ts';

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = constants;

/**
 * Writes a file whole or not at all: readers see the old one or the new one. The draft lies beside it, under a name that nobody can
 * have put a link at. What is no plain file (a link, /dev/null) is refused, since the new file would take its place.
 * @throws UserError saying why it could not be written.
 */
export function writeWhole(path: string, text: string, mode: number): void {
  const there = whatIsAt(path);
  if (there && !there.isFile()) throw new UserError(`${path} is ${there.isSymbolicLink() ? 'a link' : 'no plain file'}: name a file, or - for standard output`);
  const draft = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    writeNew(draft, text, mode);
    renameSync(draft, path);
  } catch (error) {
    throw new UserError(`${path} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    rmSync(draft, { force: true });
  }
}

function writeNew(path: string, text: string, mode: number): void {
  const fd = openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
  try {
    // Whatever the umask says: others are to read it, or nobody is.
    fchmodSync(fd, mode);
    writeFileSync(fd, text);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function whatIsAt(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}
