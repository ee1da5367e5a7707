import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { compileReceipt } from '../exitrd/receipt.ts';
import type { Plans } from '../exitrd/write.ts';
import type { Door } from '../model/sources.ts';
import type { FoundPlace } from '../plan/receipt.ts';
import { readConfig } from '../sources/config.ts';
import { readReceipt } from '../sources/receipt.ts';
import { bootId, RECEIPT_SEEN, type ReceiptSeen, readSeen } from '../sources/receipt-seen.ts';
import { version } from './version.ts';
import { writeWhole } from './write-whole.ts';

/** The part of an exitrd's plans for its receipt. What cannot be found out any more as a shutdown begins is left as it was found before. */
export function receiptPlan(found: FoundPlace): Pick<Plans, 'receipt'> {
  if (found.is === 'impossible') return {};
  return { receipt: found.is === 'none' ? '' : compileReceipt(found.place, { version, since: Math.floor(Date.now() / 1000) }) };
}

/** Notes which boot found the receipt that is there, once. Where that cannot be kept, an old receipt cannot be told from a new one. */
export function noteReceipt(door: Door): void {
  try {
    const found = readReceipt(door, readConfig(door).receipt);
    const boot = found.is === 'found' ? found.receipt.boot : undefined;
    const by = bootId(door);
    if (boot === undefined || by === undefined || readSeen(door)?.boot === boot) return;
    const seen: ReceiptSeen = { boot, by };
    mkdirSync(dirname(RECEIPT_SEEN), { recursive: true, mode: 0o700 });
    writeWhole(RECEIPT_SEEN, `${JSON.stringify(seen)}\n`, 0o600);
  } catch {
    // /var may be read-only. The exitrd is the same without.
  }
}
