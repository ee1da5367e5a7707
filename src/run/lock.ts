import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../model/errors.ts';

const FOLDER = '/run/uninitramfs';
const FILE = `${FOLDER}/teardown.pid`;

/**
 * Lets one teardown run at a time on a host.
 * @returns what gives the lock back.
 * @throws UserError naming the process that holds it.
 */
export function lock(): () => void {
  mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
  for (let tries = 0; tries < 2; tries++) {
    try {
      writeFileSync(FILE, `${process.pid}\n`, { flag: 'wx', mode: 0o600 });
      return () => rmSync(FILE, { force: true });
    } catch {
      const holder = readHolder();
      if (holder !== undefined && isTeardown(holder)) throw new UserError(`another teardown is at work (pid ${holder}): wait for it to end`);
      // Whoever held it was killed.
      rmSync(FILE, { force: true });
    }
  }
  throw new UserError(`${FILE} cannot be made: is /run writable?`);
}

function readHolder(): number | undefined {
  try {
    return Number(readFileSync(FILE, 'utf8'));
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
