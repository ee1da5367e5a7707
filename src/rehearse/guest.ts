export interface Answer {
  readonly out: string;
  readonly err: string;
  readonly code: number;
}

/** A machine with a kernel of its own. Commands run as root in it, one after the other. */
export interface Guest {
  /** Runs a script with sh and hands back whatever it did. */
  try(script: string, seconds?: number): Promise<Answer>;
  /** Runs a script with sh -eu. @throws Error with its output when it fails. */
  run(script: string, seconds?: number): Promise<string>;
  /** A folder the guest sees as /lab. */
  readonly share: string;
  /** The process that is its kernel. */
  readonly pid: number;
  /** What the console said so far. */
  console(): string;
  /** Resolves when the machine has ended by itself. @throws Error when it does not within `seconds`. */
  ended(seconds: number): Promise<void>;
  /** Its memory, opened: the descriptor outlives the machine. */
  openMemory(): number;
  stop(): Promise<void>;
}
