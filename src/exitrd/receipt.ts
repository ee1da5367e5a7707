import { shellWord } from '../model/quote.ts';
import { EFI_VARIABLE, type ReceiptPlace } from '../model/receipt.ts';

interface Terms {
  /** Of this program. */
  readonly version: string;
  /** No later time than the shutdown's, in seconds since 1970: a clock that is behind it is wrong. */
  readonly since: number;
}

/** The place of a receipt as sh for shutdown-hooks/receipt.sh: assignments of quoted words, and a call for each disk. */
export function compileReceipt(place: ReceiptPlace, { version, since }: Terms): string {
  const words = { kind: place.kind, version, since: String(since), ...wordsOf(place) };
  const disks = place.kind === 'file' ? place.disks : [];
  return [
    ...Object.entries(words).map(([key, word]) => `receipt_${key}=${shellWord(word)}\n`),
    ...disks.map(({ file, number }) => `receipt_disk ${shellWord(file)} ${shellWord(number)}\n`),
  ].join('');
}

function wordsOf(place: ReceiptPlace): Record<string, string> {
  if (place.kind === 'efi') return { variable: EFI_VARIABLE };
  const { device, fstype, options, path, array } = place;
  return {
    device,
    type: fstype,
    options: options.join(','),
    path,
    array: array?.kname ?? '',
    metadata: array?.metadata ?? '',
    members: array?.members.join(' ') ?? '',
  };
}
