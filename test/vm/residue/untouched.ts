import { closeSync, openSync, writeSync } from 'node:fs';
import type { Look } from '../../../src/rehearse/search.ts';

const PAGE_BYTES = 4096;
const PAGE = Buffer.alloc(PAGE_BYTES, 'never written. ');
const MIB = Buffer.alloc(1 << 20, PAGE);

/**
 * Makes the file of a memory in which pages that nothing ever wrote to can be told from those that were zeroed. For a boot from nothing
 * only: to go on from a saved state, QEMU writes every page there is.
 */
export function makeUntouched(file: string, megabytes: number): void {
  const fd = openSync(file, 'wx', 0o600);
  try {
    for (let n = 0; n < megabytes; n++) writeSync(fd, MIB);
  } finally {
    closeSync(fd);
  }
}

export interface Untouched {
  readonly look: Look;
  count(): number;
  all(): number;
}

export function untouched(): Untouched {
  let count = 0;
  let all = 0;
  const look: Look = (bytes, starts, end) => {
    for (let at = 0; at < starts; at += PAGE_BYTES, all++) if (at + PAGE_BYTES <= end && PAGE.compare(bytes, at, at + PAGE_BYTES) === 0) count++;
  };
  return { look, count: () => count, all: () => all };
}
