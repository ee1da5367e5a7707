/** One thing that was done in a rehearsal. */
export interface Rehearsed {
  readonly title: string;
  readonly seconds: number;
  readonly error?: string;
}

/** What a rehearsal came to. */
export interface Rehearsal {
  readonly schema: 1;
  readonly host: string;
  readonly phase: 'live' | 'exitrd' | 'both' | 'stock';
  readonly steps: readonly Rehearsed[];
  /** What could not be made, so that something plain stood in. */
  readonly standIns: readonly { readonly node: string; readonly name: string; readonly reason: string }[];
  /** What was chosen because nothing tells it. */
  readonly notes: readonly string[];
  /** How many of the things that were open and had to be closed are, and the others. */
  readonly closed: number;
  readonly of: number;
  readonly open: readonly string[];
  /** How many questions were asked of the disks, and which had the wrong answer. */
  readonly asked: number;
  readonly unclean: readonly string[];
  /** How often a fragment of a key was found in the guest's memory after its end, and how many were looked for; null where keys stay in use. */
  readonly keys: { readonly found: number; readonly fragments: number } | null;
  readonly seconds: number;
  readonly ok: boolean;
}

/** What is remembered of the last rehearsal of this host, for the audit. */
export interface RehearsalRecord {
  readonly schema: 1;
  /** ISO 8601. */
  readonly date: string;
  readonly phase: Rehearsal['phase'];
  readonly ok: boolean;
  /** In words: "closed 8 of 8, clean, no key left". */
  readonly verdict: string;
  /** What was rehearsed, as `outline` gives it. */
  readonly stack: readonly string[];
  /** The programs with their size and age, by name. */
  readonly tools: Readonly<Record<string, string>>;
}
