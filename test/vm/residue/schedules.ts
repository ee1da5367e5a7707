import type { Look } from '../../../src/rehearse/search.ts';
import { isSchedule, SCHEDULE_WORDS } from './aes.ts';

const KEY_BYTES = 32;

export interface Schedules {
  readonly look: Look;
  /** How often the whole schedule of a key was seen so far, by the key in hex. */
  readonly seen: ReadonlyMap<string, number>;
}

/** Looks for whole AES-256 key schedules of any key at all, wherever a cipher context can have them. */
export function schedules(): Schedules {
  const seen = new Map<string, number>();
  const look: Look = (bytes, starts, end) => {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset, end >> 2);
    const last = Math.min((starts + 3) >> 2, words.length - SCHEDULE_WORDS + 1);
    for (let at = 0; at < last; at++) {
      if (!isSchedule(words, at)) continue;
      const key = bytes.toString('hex', 4 * at, 4 * at + KEY_BYTES);
      seen.set(key, (seen.get(key) ?? 0) + 1);
    }
  };
  return { look, seen };
}
