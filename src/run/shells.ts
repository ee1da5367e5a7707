import { Shell } from './shell.ts';

const idle: Shell[] = [];
const waiting: ((shell: Shell) => void)[] = [];
let busy = 0;
/** What a shell took to make. Whoever waits as long again for one to get free seldom needs another. */
let patience = 0;

/** A shell for one command: one that is free, or one more where commands that take their time run side by side. */
export async function takeShell(): Promise<Shell> {
  const free = freeShell() ?? (busy === 0 ? makeShell() : await awaitShell());
  busy++;
  return free;
}

/** To be called once for every shell taken. One that has ended or was left behind is not used again. */
export function giveBack(shell: Shell): void {
  busy--;
  if (!shell.alive) return;
  const next = waiting.shift();
  if (next) next(shell);
  else idle.push(shell);
}

function freeShell(): Shell | undefined {
  for (let shell = idle.pop(); shell; shell = idle.pop()) if (shell.alive) return shell;
  return undefined;
}

function makeShell(): Shell {
  const started = performance.now();
  const shell = new Shell();
  patience = performance.now() - started;
  return shell;
}

function awaitShell(): Promise<Shell> {
  return new Promise((resolve) => {
    const take = (shell: Shell): void => {
      clearTimeout(timer);
      resolve(shell);
    };
    const timer = setTimeout(() => {
      waiting.splice(waiting.indexOf(take), 1);
      resolve(makeShell());
    }, 2 * patience);
    waiting.push(take);
  });
}
