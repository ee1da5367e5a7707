import type { Receipt } from './receipt.ts';

/** How the last shutdown went, and what says so. */
export interface Last {
  readonly schema: 1;
  /** `log`: a judgement from what this boot's kernel and fsck said. `nothing`: neither was to be had. */
  readonly from: 'receipt' | 'log' | 'nothing';
  /** good: closed, or nothing had to be put right. bad: something was left open, or had to be put right. */
  readonly mark: 'good' | 'bad' | 'unknown';
  /** All of it in a line. */
  readonly text: string;
  readonly receipt?: Receipt;
  /** Why there is no receipt to tell by. */
  readonly noReceipt?: string;
  /** What this boot said that tells of something put right. */
  readonly signs: readonly string[];
  /** What could not be known, in words. */
  readonly unknown: readonly string[];
}
