import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Door } from '../model/sources.ts';
import { readReceipt } from '../sources/receipt.ts';
import { bootId, RECEIPT_SEEN, type ReceiptSeen, readSeen } from '../sources/receipt-seen.ts';
import { writeWhole } from './write-whole.ts';

/** Notes which boot found the receipt that is there, once. Where that cannot be kept, an old receipt cannot be told from a new one. */
export function noteReceipt(door: Door, setting: string): void {
  const found = readReceipt(door, setting);
  const boot = found.is === 'found' ? found.receipt.boot : undefined;
  const by = bootId(door);
  if (boot === undefined || by === undefined || readSeen(door)?.boot === boot) return;
  const seen: ReceiptSeen = { boot, by };
  mkdirSync(dirname(RECEIPT_SEEN), { recursive: true, mode: 0o700 });
  writeWhole(RECEIPT_SEEN, `${JSON.stringify(seen)}\n`, 0o600);
}
