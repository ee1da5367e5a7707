import { execa } from 'execa';
import type { Argv } from '../model/step.ts';

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

/** Nothing of the caller's environment reaches a tool that runs as root. NixOS keeps its tools in a profile of its own. */
const ENVIRONMENT = {
  PATH: '/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin',
  LC_ALL: 'C.UTF-8',
  HOME: '/',
  LVM_SUPPRESS_FD_WARNINGS: '1',
};

/** How long a killed process gets to die before it is left behind. */
const GRACE_SECONDS = 2;

/**
 * Runs a command with a bound. It gets a session of its own, so Ctrl-C on the terminal ends this program's plan and not
 * the step in the middle. A process in D state does not die of SIGKILL: then it is left behind and not waited for.
 */
export async function call(argv: Argv, limits: CallLimits): Promise<CallOutcome> {
  const [tool, ...args] = argv;
  const child = execa(tool, args, {
    cwd: '/',
    env: ENVIRONMENT,
    extendEnv: false,
    ...(limits.input === undefined ? { stdin: 'ignore' as const } : { input: limits.input }),
    all: true,
    reject: false,
    detached: true,
    cleanup: false,
    maxBuffer: 1 << 20,
  });
  const ended = child.then((result): CallOutcome => {
    if (result.exitCode !== undefined && (limits.okExit ?? [0]).includes(result.exitCode)) return { is: 'ok', output: result.all ?? '' };
    if (result.code === 'ENOENT') return { is: 'failed', message: `${tool} is not installed`, missing: true };
    return { is: 'failed', message: lastLine(result.all) || (result.shortMessage ?? 'it failed') };
  });
  const late = await Promise.race([ended, deadline(limits)]);
  if (late !== 'late') return late;
  killSession(child.pid);
  const killed = await Promise.race([ended, sleep(GRACE_SECONDS).then(() => 'alive' as const)]);
  const command = argv.join(' ');
  if (killed !== 'alive') return { is: 'failed', message: `${command} was still running after ${limits.seconds} s and was killed` };
  child.unref();
  child.all.destroy();
  return { is: 'abandoned', message: `${command} hangs in the kernel beyond its ${limits.seconds} s and was left behind (pid ${child.pid})` };
}

async function deadline(limits: CallLimits): Promise<'late'> {
  const { progress, seconds } = limits;
  if (!progress) return sleep(seconds).then(() => 'late');
  // Not asked before a second has passed: most calls are over by then.
  let last: string | undefined;
  for (let renewed = performance.now(); performance.now() - renewed < seconds * 1000; ) {
    await sleep(Math.min(1, seconds / 4));
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
function lastLine(output: string | undefined): string {
  return output?.trimEnd().split('\n').at(-1)?.trim() ?? '';
}

/** Does not keep the program alive: at its end nothing that was left behind is waited for. */
export function sleep(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}
