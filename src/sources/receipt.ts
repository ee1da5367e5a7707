import { EFI_FOLDER, EFI_RECEIPT, EFI_VARIABLE, NO_RECEIPT, type Receipt } from '../model/receipt.ts';
import type { Door } from '../model/sources.ts';

export type FoundReceipt =
  /** `never`: none is asked for. `none`: none is there. `closed`: this user may not read it. `garbled`: nothing in it is to be understood. */
  { readonly is: 'never' | 'none' | 'closed' | 'garbled' } | { readonly is: 'found'; readonly receipt: Receipt };

/**
 * What the last exitrd wrote down.
 * @param setting of the configuration: off, efi, or a path.
 */
export function readReceipt(door: Door, setting: string): FoundReceipt {
  if (setting === NO_RECEIPT) return { is: 'never' };
  const isEfi = setting === EFI_RECEIPT;
  const path = isEfi ? `${EFI_FOLDER}/${EFI_VARIABLE}` : setting;
  const text = door.text(path);
  if (text === undefined) return { is: door.exists(path) ? 'closed' : 'none' };
  // A variable begins with four bytes of attributes.
  const receipt = parseReceipt(isEfi ? text.slice(4) : text);
  return receipt ? { is: 'found', receipt } : { is: 'garbled' };
}

/** @returns undefined for what no exitrd of this program has written. Lines that mean nothing here are passed over. */
export function parseReceipt(text: string): Receipt | undefined {
  const lines = text.split('\n').flatMap((line) => {
    const [, key, value] = /^([a-z_]+)=(.*)$/.exec(line.trimEnd()) ?? [];
    return key === undefined || value === undefined ? [] : [[key, value] as const];
  });
  if (lines[0]?.[0] !== 'uninitramfs' || !/^\d+$/.test(lines[0][1])) return undefined;
  const word = (key: string) => lines.find(([name, value]) => name === key && value !== '')?.[1];
  const number = (key: string) => {
    const value = word(key);
    return value !== undefined && /^\d{1,15}(\.\d{1,6})?$/.test(value) ? Number(value) : undefined;
  };
  const words = { version: word('version'), verb: word('verb'), boot: word('boot'), wipe: word('wipe'), wiped: word('wiped') };
  const numbers = Object.fromEntries((['uptime', 'time', 'seconds', 'closed', 'steps'] as const).map((key) => [key, number(key)]));
  return {
    ...present({ ...words, ...numbers }),
    left: lines.flatMap(([key, value]) => (key === 'left' && value !== '' ? [value] : [])),
    leftMore: number('left_more') ?? 0,
    whole: word('end') === '1',
  };
}

function present(values: Readonly<Record<string, string | number | undefined>>): Partial<Receipt> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
