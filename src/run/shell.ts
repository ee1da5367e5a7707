import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { PROGRAM_FOLDERS } from '../model/places.ts';
import { shellWords } from '../model/quote.ts';
import type { Argv } from '../model/step.ts';

/** Nothing of the caller's environment reaches a tool that runs as root. */
const ENVIRONMENT = {
  PATH: PROGRAM_FOLDERS.join(':'),
  LC_ALL: 'C.UTF-8',
  HOME: '/',
  LVM_SUPPRESS_FD_WARNINGS: '1',
};

/** What is kept of an output: tools put the reason last. */
const MOST = 1 << 20;

export interface Ended {
  /** Undefined when the shell did not live to tell. */
  readonly code: number | undefined;
  /** Both streams, as they came. */
  readonly output: string;
}

/** Something that is started once and does many commands: how it is started, and how it is told one. */
export interface Kind {
  readonly start: (mark: string) => Argv;
  /** A mark and the exit code come on a line of their own when it is done. */
  readonly ask: (mark: string, argv: Argv, input: string | undefined) => string;
}

/** Runs programs, never builtins of their names. */
export const SH: Kind = {
  start: () => ['/bin/sh'],
  ask: (mark, argv, input) => {
    const feed = input === undefined ? '' : `printf %s ${shellWords([input])} | `;
    return `exec 2>&1\n${feed}(exec ${shellWords(argv)})${input === undefined ? ' </dev/null' : ''}\nprintf '\\n%s %s\\n' ${mark} $?\n`;
  },
};

/** Does what helper.c does by itself, without a process for each. */
export const served = (helper: string): Kind => ({
  start: (mark) => [helper, 'serve', mark],
  ask: (_mark, [, ...words]) => `${words.join('\0')}\0\0`,
});

/**
 * A shell in a session of its own that runs commands, one after the other, or another program of that kind. A process of node's size takes long
 * to fork, and this one forks once for many commands.
 */
export class Shell {
  private readonly child: ChildProcess;
  /** Tells the end of a command from what it prints. */
  private readonly mark = `${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}`;
  private output = Buffer.alloc(0);
  private tell: (ended: Ended) => void = () => undefined;
  private gone = false;

  constructor(private readonly kind: Kind = SH) {
    const [program, ...words] = kind.start(this.mark);
    this.child = spawn(program, words, { cwd: '/', env: ENVIRONMENT, detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
    this.child.on('error', (error) => this.end(undefined, error.message));
    // Not "exit": a command that outlives its shell still has the output open.
    this.child.on('close', () => this.end(undefined, this.output.toString()));
    this.child.stdin?.on('error', () => undefined);
    this.child.stdout?.on('data', (chunk: Buffer) => this.hear(chunk));
    this.hold(false);
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether it can run another command. */
  get alive(): boolean {
    return !this.gone;
  }

  /** One at a time. */
  run(argv: Argv, input?: string): Promise<Ended> {
    this.hold(true);
    return new Promise((resolve) => {
      this.tell = resolve;
      // What an earlier command left running may have said something since.
      this.output = Buffer.alloc(0);
      this.child.stdin?.write(this.kind.ask(this.mark, argv, input));
    });
  }

  /** Leaves it and what it runs behind: neither is waited for. */
  leave(): void {
    this.gone = true;
    this.hold(false);
    this.child.stdin?.destroy();
    this.child.stdout?.destroy();
  }

  private hear(chunk: Buffer): void {
    this.output = Buffer.concat([this.output, chunk]).subarray(-MOST);
    const text = this.output.toString('latin1');
    const at = text.lastIndexOf(`\n${this.mark} `);
    const code = at < 0 ? undefined : /^\n\S+ (\d+)\n/.exec(text.slice(at))?.[1];
    if (code !== undefined) this.end(Number(code), this.output.subarray(0, at).toString());
  }

  private end(code: number | undefined, output: string): void {
    if (code === undefined) this.gone = true;
    this.output = Buffer.alloc(0);
    this.hold(false);
    this.tell({ code, output });
  }

  /** Only what runs keeps the program alive. */
  private hold(busy: boolean): void {
    for (const handle of [this.child, this.child.stdin as Socket | null, this.child.stdout as Socket | null]) busy ? handle?.ref() : handle?.unref();
  }
}
