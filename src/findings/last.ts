import type { Last } from '../model/last.ts';
import type { Receipt } from '../model/receipt.ts';
import { count } from './answer.ts';
import { recoverySigns } from './recovery.ts';

/** What is known of a receipt: the receipt, or why there is none to tell by. */
type Told = { readonly receipt: Receipt } | { readonly noReceipt: string };

/** Where this boot's log is read only when nothing better tells. */
type Log = () => readonly string[] | undefined;

/** How the last shutdown went: by its receipt, and without one by what this boot had to put right. */
export function lastShutdown(told: Told, log: Log): Last {
  if ('receipt' in told) return byReceipt(told.receipt);
  const lines = log();
  const base = { schema: 1, noReceipt: told.noReceipt } as const;
  if (!lines) return { ...base, from: 'nothing', mark: 'unknown', text: "no receipt, and this boot's log cannot be read", signs: [], unknown: [UNSEEN] };
  const signs = recoverySigns(lines);
  if (signs.length === 0) return { ...base, from: 'log', mark: 'good', text: 'nothing was replayed or resynced at this boot', signs, unknown: [UNSEEN] };
  return {
    ...base,
    from: 'log',
    mark: 'bad',
    text: `${count(signs.length, 'line')} of this boot's log ${signs.length === 1 ? 'tells' : 'tell'} of a file system or an array that had to be put right`,
    signs,
    unknown: [UNSEEN, ELSEWHERE],
  };
}

function byReceipt(receipt: Receipt): Last {
  const { left, leftMore, whole, seconds } = receipt;
  const open = left.length + leftMore;
  const took = seconds === undefined ? '' : ` in ${seconds.toFixed(1)} s`;
  const closed =
    open > 0
      ? `${count(open, 'thing')} left open after${took.slice(3)}: ${named(left, open)}`
      : whole
        ? `everything closed${took}`
        : 'the receipt breaks off, and tells of nothing left open';
  return {
    schema: 1,
    from: 'receipt',
    mark: open > 0 ? 'bad' : whole ? 'good' : 'unknown',
    text: [closed, ...wipeWords(receipt)].join(', '),
    receipt,
    signs: [],
    unknown: [],
  };
}

/** Names on one line that still can be read. */
const SHOWN = 3;

function named(left: readonly string[], open: number): string {
  const shown = left.slice(0, SHOWN);
  return [shown.join(', '), ...(open > shown.length ? [`${open - shown.length} more`] : [])].join(' and ');
}

const WIPED: Readonly<Record<string, string>> = { keys: 'keys wiped', memory: 'keys and all free memory wiped' };

function wipeWords({ wipe, wiped }: Receipt): string[] {
  if (wipe === 'off') return ['nothing wiped, as it was asked for'];
  if (wipe === undefined || wiped === undefined) return [];
  const words = Object.hasOwn(WIPED, wipe) ? (WIPED[wipe] as string) : `${wipe} wiped`;
  return [wiped === 'yes' ? words : wiped === 'partly' ? `${words} in part` : 'nothing wiped'];
}

/** Whether a receipt speaks of the boot before this one, as far as the host knows. */
export function toldBy(
  found: { readonly is: string; readonly receipt?: Receipt },
  seen: { boot: string; by: string } | undefined,
  now: string | undefined,
): Told {
  const { receipt } = found;
  if (!receipt) return { noReceipt: WHY[found.is] ?? 'none is there' };
  const isOld = receipt.boot !== undefined && seen?.boot === receipt.boot && seen.by !== now;
  if (isOld) return { noReceipt: 'the one that is there is of an earlier shutdown: the last one had no exitrd of this program, or did not come to its end' };
  return { receipt };
}

const WHY: Readonly<Record<string, string>> = {
  never: 'none is asked for ("receipt" in the configuration)',
  none: 'none was left: the exitrd did not come to its end, or was without that setting',
  closed: 'only root can read it',
  garbled: 'what is there is none',
};

const UNSEEN = 'whether mappings were closed and keys wiped; what ZFS, bcache and swap did';
const ELSEWHERE = 'whether what was put right was left so by this machine: a disk attached since may come from another';
