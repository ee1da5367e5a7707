/**
 * An error a person can act on: one line that says what, where, and what to do next.
 * The CLI prints the message without a stack trace and exits with `exitCode`.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** 1: something could not be closed. 2: usage, configuration or unreadable input. */
  readonly exitCode: 1 | 2;

  constructor(message: string, exitCode: 1 | 2 = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The lazily loaded bundles carry a class of their own, so identity is by name. */
export function isUserError(error: unknown): error is UserError {
  return error instanceof Error && error.name === 'UserError';
}
