import { lastShutdown, toldBy } from '../findings/last.ts';
import type { Last } from '../model/last.ts';
import type { Door } from '../model/sources.ts';
import { readBootLog } from '../sources/boot-log.ts';
import { readConfig } from '../sources/config.ts';
import { openDoor } from '../sources/door.ts';
import { type FoundReceipt, readReceipt } from '../sources/receipt.ts';
import { bootId, readSeen } from '../sources/receipt-seen.ts';

/**
 * How the last shutdown of a host went, or of one whose root is at `sysroot`. Touches nothing.
 * @throws UserError for a broken configuration.
 */
export function last(sysroot: string | undefined): Last {
  const door = openDoor(sysroot);
  return lastThrough(door, readConfig(door).receipt, () => readBootLog(door));
}

/** The same with the setting known; the log is read only where there is no receipt. */
export function lastThrough(door: Door, setting: string, log: () => readonly string[] | undefined): Last {
  return lastShutdown(toldBy(receiptFor(door, setting), readSeen(door), bootId(door)), log);
}

/** Whether it is of the last shutdown only root can read, so the receipt itself is not told to others either. */
function receiptFor(door: Door, setting: string): FoundReceipt {
  const found = readReceipt(door, setting);
  return found.is === 'found' && door.live && process.getuid?.() !== 0 ? { is: 'closed' } : found;
}
