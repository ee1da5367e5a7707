import { accessSync, constants, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../model/errors.ts';
import { PROGRAM_FOLDERS } from '../model/places.ts';
import { call } from '../run/call.ts';

/** Where a program of this name lies on this host, or undefined. */
export function locate(name: string): string | undefined {
  return PROGRAM_FOLDERS.map((folder) => join(folder, name)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/**
 * The shared libraries a program is started with, its interpreter among them, as paths on this host; none for a static one.
 * @throws UserError naming a library that is not there.
 */
export async function librariesOf(program: string): Promise<string[]> {
  const answer = await call(['ldd', program], { seconds: 20 });
  // ldd(1) fails for a static program.
  if (answer.is !== 'ok') return [];
  const missing = /^\s*(\S+) => not found/m.exec(answer.output)?.[1];
  if (missing) throw new UserError(`${program} needs ${missing}, which is not on this host: reinstall its package`);
  return [...answer.output.matchAll(/(?:=> |^\s*)(\/\S+) \(0x/gm)].map((match) => match[1] as string);
}

/** Where a library belongs in a tree whose /lib leads to /usr/lib: under the name it is asked for, in the folder it really lies in. */
export function placeOf(library: string): string {
  const folder = realpathSync(dirname(library));
  return join(folder.startsWith('/usr/') || !/^\/lib/.test(folder) ? folder : `/usr${folder}`, basename(library));
}

/** The names busybox answers to. */
export async function appletsOf(busybox: string): Promise<ReadonlySet<string>> {
  const answer = await call([busybox, '--list'], { seconds: 20 });
  if (answer.is !== 'ok') throw new UserError(`${busybox} does not run: ${answer.message}`);
  return new Set(answer.output.split('\n'));
}
