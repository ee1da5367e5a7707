import { chmodSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../model/errors.ts';

const FOLDER = '/run/uninitramfs';

/**
 * Lets one of a kind run at a time on a host.
 * @param what "teardown", "installation of the exitrd"…
 * @param folder on a file system that a boot finds empty.
 * @returns what gives the lock back.
 * @throws UserError naming the process that holds it.
 */
export function lock(what = 'teardown', folder = FOLDER): () => void {
  const file = `${folder}/${what.replaceAll(' ', '-')}.pid`;
  mkdirSync(folder, { recursive: true, mode: 0o755 });
  // Configuration for one boot lies there too, which everybody may read, whatever the umask of whoever came first.
  chmodSync(folder, 0o755);
  for (let tries = 0; tries < 3; tries++) {
    if (take(file)) return () => rmSync(file, { force: true });
    const holder = readHolder(file);
    if (holder !== undefined && isTeardown(holder)) throw new UserError(`another ${what} is at work (pid ${holder}): wait for it to end`);
    if (holder !== undefined) clear(file, holder);
  }
  throw new UserError(`${file} cannot be made: is /run writable?`);
}

/** Made elsewhere and linked, so that nobody ever sees a lock without a name in it (link(2) fails where there is one). */
function take(file: string): boolean {
  const draft = `${file}.${process.pid}`;
  try {
    writeFileSync(draft, `${process.pid}\n`, { mode: 0o600 });
    linkSync(draft, file);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Whoever held it was killed. Of several that see this at once one takes it away; what another has taken since is given back. */
function clear(file: string, dead: number): void {
  const aside = `${file}.${process.pid}.dead`;
  try {
    renameSync(file, aside);
    if (readHolder(aside) !== dead) linkSync(aside, file);
  } catch {
    // Somebody else was faster.
  } finally {
    rmSync(aside, { force: true });
  }
}

function readHolder(file: string): number | undefined {
  try {
    return Number(readFileSync(file, 'utf8')) || 0;
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
