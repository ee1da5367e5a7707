import { Script } from 'node:vm';

/** No host is so large that looking at it may take longer. */
const MILLISECONDS = 10_000;
const SCRIPT = new Script('uninitramfsFuzz()');

/**
 * Does something that may never end.
 * @throws Error when it does not.
 */
export function bounded<T>(does: () => T): T {
  let done: T | undefined;
  Object.assign(globalThis, {
    uninitramfsFuzz: () => {
      done = does();
    },
  });
  SCRIPT.runInThisContext({ timeout: MILLISECONDS });
  return done as T;
}
