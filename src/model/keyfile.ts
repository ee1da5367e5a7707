/** An open device whose contents open others: it has no use once they are open. */
export interface KeyfileDevice {
  /** The node that closes. */
  readonly id: string;
  readonly name: string;
  readonly path: string;
  /** What it holds the keys of, by the names of crypttab(5). */
  readonly opens: readonly string[];
  /** Of these, what is not open yet. */
  readonly waitsFor: readonly string[];
  /** Of these, what is not open and need not be (noauto, nofail). */
  readonly absent: readonly string[];
  /** Paths of what uses it beside its own file system. */
  readonly usedBy: readonly string[];
}

/** What became of one. */
export interface KeyfileOutcome extends KeyfileDevice {
  readonly is: 'open' | 'waits' | 'in use' | 'closed' | 'failed';
  /** For a person; empty where there is nothing to say. */
  readonly why: string;
}
