import { chmodSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { UserError } from '../model/errors.ts';

const FOLDER = '/run/uninitramfs';
/** For as long as others may be clearing away what a killed one left. */
const TRIES = 100;
const PAUSE_MS = 5;

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
  for (let tries = 0; tries < TRIES; tries++) {
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

/**
 * Whoever held it was killed. Only one at a time takes such a lock away, and looks again before: what another one has taken since is not touched.
 */
function clear(file: string, dead: number): void {
  const clearing = `${file}.clearing`;
  if (!take(clearing)) {
    const who = readHolder(clearing);
    if (who !== undefined && !isTeardown(who)) rmSync(clearing, { force: true });
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    return;
  }
  try {
    if (readHolder(file) === dead) rmSync(file, { force: true });
  } finally {
    rmSync(clearing, { force: true });
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
