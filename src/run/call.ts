import { accessSync, constants } from 'node:fs';
import { PROGRAM_FOLDERS } from '../model/places.ts';
import type { Door } from '../model/sources.ts';
import type { Argv } from '../model/step.ts';
import { openDoor } from '../sources/door.ts';
import { listPids, statFields } from '../sources/processes.ts';
import { takeShell } from './shells.ts';

export type CallOutcome =
  | { readonly is: 'ok'; readonly output: string }
  | { readonly is: 'failed'; readonly message: string; readonly missing?: boolean }
  /** It hung beyond its bound, was killed, and did not even die of that: it is left behind. */
  | { readonly is: 'abandoned'; readonly message: string };

export interface CallLimits {
  readonly seconds: number;
  readonly okExit?: readonly number[];
  /** What the command reads on its standard input; nothing when absent. */
  readonly input?: string;
  /** Asked every second; an answer that differs from the last one renews the bound. */
  readonly progress?: (() => Promise<string>) | undefined;
}

/** How long a killed process gets to die before it is left behind. */
const GRACE_SECONDS = 2;

/**
 * Runs a command with a bound. No other command is in its session at the time, so Ctrl-C on the terminal ends this program's
 * plan and not the step in the middle. A process in D state does not die of SIGKILL: then it is left behind and not waited for.
 */
export async function call(argv: Argv, limits: CallLimits): Promise<CallOutcome> {
  const [tool] = argv;
  if (!isInstalled(tool)) return { is: 'failed', message: `${tool} is not installed`, missing: true };
  const { shell, giveBack } = await takeShell(argv);
  const command = argv.join(' ');
  const ended = shell.run(argv, limits.input).then(({ code, output }): CallOutcome => {
    if (code !== undefined && (limits.okExit ?? [0]).includes(code)) return { is: 'ok', output: output.replace(/\r?\n$/, '') };
    return { is: 'failed', message: lastLine(output) || `Command failed${code === undefined ? '' : ` with exit code ${code}`}: ${command}` };
  });
  const over = new AbortController();
  const late = await Promise.race([ended, deadline(limits, over.signal)]);
  over.abort();
  if (late !== 'late') {
    giveBack();
    return late;
  }
  const children = childrenOf(shell.pid, openDoor());
  // What does it by itself hangs itself.
  const pids = children.length > 0 ? children : [shell.pid];
  killSession(shell.pid);
  const killed = await Promise.race([ended, sleep(GRACE_SECONDS).then(() => 'alive' as const)]);
  shell.leave();
  giveBack();
  if (killed !== 'alive') return { is: 'failed', message: `${command} was still running after ${limits.seconds} s and was killed` };
  return { is: 'abandoned', message: `${command} hangs in the kernel beyond its ${limits.seconds} s and was left behind (pid ${pids.join(', ')})` };
}

/** As execvp(3) looks for it. */
function isInstalled(tool: string): boolean {
  const places = tool.includes('/') ? [tool] : PROGRAM_FOLDERS.map((folder) => `${folder}/${tool}`);
  return places.some((place) => {
    try {
      accessSync(place, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function childrenOf(parent: number | undefined, door: Door): number[] {
  return listPids(door).filter((pid) => Number(statFields(door, pid)[1]) === parent);
}

async function deadline(limits: CallLimits, over: AbortSignal): Promise<'late'> {
  const { progress, seconds } = limits;
  if (!progress) return sleep(seconds).then(() => 'late');
  // Not asked before a second has passed: most calls are over by then.
  let last: string | undefined;
  for (let renewed = performance.now(); performance.now() - renewed < seconds * 1000; ) {
    await sleep(Math.min(1, seconds / 4));
    if (over.aborted) break;
    const now = await progress();
    if (now !== last) renewed = performance.now();
    last = now;
  }
  return 'late';
}

function killSession(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It ended in this very moment.
  }
}

/** Tools put the reason last. */
function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

/** Does not keep the program alive: at its end nothing that was left behind is waited for. */
export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
