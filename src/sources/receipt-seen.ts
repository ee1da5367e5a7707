import type { Door } from '../model/sources.ts';

/** What the first boot after a receipt notes, so that a later one does not take it for its own. */
export interface ReceiptSeen {
  /** The boot that the receipt tells of. */
  readonly boot: string;
  /** The boot that found it. */
  readonly by: string;
}

export const RECEIPT_SEEN = '/var/lib/uninitramfs/receipt-seen.json';

/** Undefined where no boot has noted any, or this user may not read it. */
export function readSeen(door: Door): ReceiptSeen | undefined {
  try {
    const { boot, by } = JSON.parse(door.text(RECEIPT_SEEN) ?? '') as Record<string, unknown>;
    return typeof boot === 'string' && typeof by === 'string' ? { boot, by } : undefined;
  } catch {
    return undefined;
  }
}

/** The id of the boot that runs (random(4)). */
export function bootId(door: Door): string | undefined {
  return door.text('/proc/sys/kernel/random/boot_id');
}
