type Severity = 'info' | 'warning' | 'critical';

/** Something an administrator should know. */
export interface Finding {
  /** Stable, for scripts: `busy-mount`, `md-degraded`… */
  readonly code: string;
  readonly severity: Severity;
  /** One line: what and where. */
  readonly text: string;
  /** One line: what to do next. */
  readonly fix: string;
  /** The node it is about, if it is about one. */
  readonly node?: string | undefined;
}
