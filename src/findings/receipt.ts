import type { Finding } from '../model/finding.ts';
import type { FoundPlace } from '../plan/receipt.ts';

/** A receipt that is asked for and cannot be left. */
export function receiptFindings(found: FoundPlace): Finding[] {
  if (found.is !== 'impossible') return [];
  return [
    {
      code: 'receipt-impossible',
      severity: 'warning',
      text: `the exitrd cannot leave the receipt that is asked for: ${found.why}`,
      fix: 'put "receipt" right in /etc/uninitramfs/uninitramfs.toml, then uninitramfs exitrd install',
    },
  ];
}
