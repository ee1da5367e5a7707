import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../model/errors.ts';

const FOLDER = '/run/uninitramfs';

/**
 * Lets one of a kind run at a time on a host.
 * @param what "teardown", "installation of the exitrd"…
 * @returns what gives the lock back.
 * @throws UserError naming the process that holds it.
 */
export function lock(what = 'teardown'): () => void {
  const file = `${FOLDER}/${what.replaceAll(' ', '-')}.pid`;
  mkdirSync(FOLDER, { recursive: true, mode: 0o755 });
  // Configuration for one boot lies there too, which everybody may read, whatever the umask of whoever came first.
  chmodSync(FOLDER, 0o755);
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(file, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return () => rmSync(file, { force: true });
    } catch {
      const holder = readHolder(file);
      if (holder !== undefined && isTeardown(holder)) throw new UserError(`another ${what} is at work (pid ${holder}): wait for it to end`);
      // Whoever held it was killed.
      rmSync(file, { force: true });
    }
  }
  throw new UserError(`${file} cannot be made: is /run writable?`);
}

function readHolder(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A number alone may have been given to another process since. */
function isTeardown(pid: number): boolean {
  try {
    return pid !== process.pid && /teardown|uninitramfs/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}
