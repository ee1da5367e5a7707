import { existsSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Makes what lies at this path, once: of several processes that ask at the same time, one makes it and the others wait. */
export async function madeOnce(path: string, make: () => Promise<void>): Promise<string> {
  const lock = `${path}.lock`;
  while (!existsSync(`${path}.ready`)) {
    if (!takeLock(lock)) {
      await sleep(500);
      continue;
    }
    try {
      if (existsSync(`${path}.ready`)) continue;
      await make();
      writeFileSync(`${path}.ready`, '');
    } finally {
      rmSync(lock, { force: true });
    }
  }
  // The time of its last use, for forgetUnused().
  utimesSync(`${path}.ready`, new Date(), new Date());
  return path;
}

function takeLock(file: string): boolean {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!holderLives(file)) rmSync(file, { force: true });
    return false;
  }
}

function holderLives(file: string): boolean {
  try {
    return process.kill(Number(readFileSync(file, 'utf8')), 0);
  } catch {
    // The lock is gone already, or who held it is.
    return false;
  }
}
