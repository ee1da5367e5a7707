import { basename } from 'node:path';
import { HELPER } from '../model/by-helper.ts';
import type { Argv } from '../model/step.ts';
import { type Kind, SH, Shell, served } from './shell.ts';

/** What helper.c does when it is asked again and again. */
const SERVED = ['unmap', 'unmount'];

/** Most calls take a fraction of this, and then another shell is not worth its start. */
const PATIENCE_MS = 150;

/** Shells of one kind, of which each does one command at a time. */
class Pool {
  private readonly idle: Shell[] = [];
  private readonly waiting: ((shell: Shell) => void)[] = [];
  private busy = 0;

  constructor(private readonly kind: Kind) {}

  async take(): Promise<Shell> {
    const free = this.free() ?? (this.busy === 0 ? new Shell(this.kind) : await this.wait());
    this.busy++;
    return free;
  }

  giveBack(shell: Shell): void {
    this.busy--;
    if (!shell.alive) return;
    const next = this.waiting.shift();
    if (next) next(shell);
    else this.idle.push(shell);
  }

  private free(): Shell | undefined {
    for (let shell = this.idle.pop(); shell; shell = this.idle.pop()) if (shell.alive) return shell;
    return undefined;
  }

  private wait(): Promise<Shell> {
    return new Promise((resolve) => {
      const take = (shell: Shell): void => {
        clearTimeout(timer);
        resolve(shell);
      };
      const timer = setTimeout(() => {
        this.waiting.splice(this.waiting.indexOf(take), 1);
        resolve(new Shell(this.kind));
      }, PATIENCE_MS);
      this.waiting.push(take);
    });
  }
}

const ofPrograms = new Pool(SH);
const ofHelpers = new Map<string, Pool>();

/** A shell for one command: one that is free, or one more where commands that take their time run side by side. */
export async function takeShell(argv: Argv): Promise<{ shell: Shell; giveBack: () => void }> {
  const pool = poolFor(argv);
  const shell = await pool.take();
  return { shell, giveBack: () => pool.giveBack(shell) };
}

function poolFor([program, verb, ...operands]: Argv): Pool {
  if (basename(program) !== HELPER || !SERVED.includes(verb ?? '') || operands.length !== 1) return ofPrograms;
  const pool = ofHelpers.get(program) ?? new Pool(served(program));
  ofHelpers.set(program, pool);
  return pool;
}
