import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, createWriteStream, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { ensureTree } from './tree.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const MODULES = ['dm-mod', 'dm-crypt', 'loop'];

export interface GuestOptions {
  readonly hostname?: string;
  readonly memory?: string;
  readonly modules?: readonly string[];
  /** With systemd as PID 1 instead of the agent alone. */
  readonly systemd?: boolean;
  /** Puts files into the share before the start. @returns arguments for the guest's kernel, such as disks: ubda=/lab/FILE. */
  readonly prepare?: (share: string) => readonly string[];
  readonly say?: (line: string) => void;
}

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
  /** What the console said so far. */
  console(): string;
  stop(): Promise<void>;
}

/**
 * Boots User Mode Linux over the lab's tree: about two seconds, no image, nothing on this machine changes. The project's
 * dist/ is /lab/dist, and the commands `teardown` and `uninitramfs` are there.
 */
export async function bootGuest(options: GuestOptions = {}): Promise<Guest> {
  const tree = await ensureTree(options.say ?? ((line) => process.stderr.write(`${line}\n`)));
  if (!existsSync(join(PROJECT, 'dist/uninitramfs.cjs'))) throw new Error('dist/ is missing: npm run build');
  const ram = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
  const share = mkdtempSync(join(ram, 'uninitramfs-lab-'));
  chmodSync(share, 0o755);
  cpSync(join(PROJECT, 'dist'), join(share, 'dist'), { recursive: true });
  for (const file of ['second.sh', 'agent.sh']) cpSync(join(HERE, file), join(share, file));
  cpSync(join(PROJECT, 'test/vm/hosts'), join(share, 'hosts'), { recursive: true });
  writeFileSync(join(share, 'first.sh'), readFileSync(join(HERE, 'first.sh')), { mode: 0o755 });
  writeFileSync(join(share, 'hostname'), `${options.hostname ?? 'lab'}\n`);
  writeFileSync(join(share, 'modules'), [...MODULES, ...(options.modules ?? [])].join(' '));
  if (options.systemd) {
    writeFileSync(join(share, 'systemd'), '');
    cpSync(join(HERE, 'units'), join(share, 'units'), { recursive: true });
  }
  mkdirSync(join(share, 'bin'));
  for (const name of ['teardown', 'uninitramfs']) writeFileSync(join(share, 'bin', name), `#!/bin/sh\nexec node /lab/dist/${name}.cjs "$@"\n`, { mode: 0o755 });
  const kernel = [
    'linux.uml',
    `mem=${options.memory ?? '1G'}`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    'init=/lab/first.sh',
    'con0=fd:0,fd:1',
    'con=null',
    'ssl0=fd:3,fd:3',
    'quiet',
    'panic=-1',
    ...(options.prepare?.(share) ?? []),
  ];
  const enter = 'mount --rbind /dev "$1/dev" && mount --rbind /proc "$1/proc" && mount --bind "$2" "$1/lab" && shift 2 && cd / && exec "$@"';
  const child = spawn(
    'unshare',
    [
      '--mount',
      '--propagation',
      'private',
      'sh',
      '-c',
      enter,
      'sh',
      tree,
      share,
      'env',
      '-i',
      `TMPDIR=${ram}`,
      'HOME=/root',
      'PATH=/usr/sbin:/usr/bin',
      'chroot',
      tree,
      ...kernel,
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
      detached: true,
    },
  );
  return attach(child, share);
}

async function attach(child: ChildProcess, share: string): Promise<Guest> {
  const log = join(share, 'console.log');
  const out = createWriteStream(log);
  child.stdout?.pipe(out);
  child.stderr?.pipe(out);
  const line = child.stdio[3] as Duplex;
  let heard = '';
  const listeners = new Set<() => void>();
  line.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
    for (const listener of listeners) listener();
  });
  line.on('error', () => undefined);
  let exited = false;
  const gone = new Promise<void>((resolve) =>
    child.on('exit', () => {
      exited = true;
      for (const listener of listeners) listener();
      resolve();
    }),
  );
  const console = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const hear = (word: string, seconds: number): Promise<void> =>
    new Promise((resolve, reject) => {
      const end = (error?: Error): void => {
        clearTimeout(timer);
        listeners.delete(check);
        if (error) reject(error);
        else resolve();
      };
      const check = (): void => {
        if (heard.includes(word)) end();
        else if (exited) end(new Error(`the guest ended while waiting for "${word.trim()}":\n${console().slice(-2000)}`));
      };
      const timer = setTimeout(() => end(new Error(`no "${word.trim()}" from the guest within ${seconds} s:\n${console().slice(-2000)}`)), seconds * 1000);
      listeners.add(check);
      check();
    });
  const stop = async (): Promise<void> => {
    process.off('exit', onExit).off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
    killSession(child.pid);
    await gone;
    rmSync(share, { recursive: true, force: true });
  };
  const onExit = (): void => {
    killSession(child.pid);
    rmSync(share, { recursive: true, force: true });
  };
  // Without this, Ctrl-C would leave the guest behind: a signal ends node with no exit event.
  const onInterrupt = (): void => process.exit(130);
  process.once('exit', onExit).once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
  let count = 0;
  const attempt = async (script: string, seconds = 120): Promise<Answer> => {
    const n = ++count;
    writeFileSync(join(share, `${n}.sh`), `export PATH=/lab/bin:$PATH\n${script}\n`);
    line.write(`${n}\n`);
    await hear(`ended ${n}\n`, seconds);
    const read = (kind: string) => readFileSync(join(share, `${n}.${kind}`), 'utf8');
    return { out: read('out'), err: read('err'), code: Number(read('rc')) };
  };
  try {
    await hear('ready', 60);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    share,
    console,
    stop,
    try: attempt,
    run: async (script, seconds) => {
      const answer = await attempt(`set -eu\n${script}`, seconds);
      if (answer.code !== 0)
        throw new Error(
          `exit ${answer.code} from the guest:\n${script.slice(0, 400)}\n--- output\n${answer.out.slice(-3000)}\n--- errors\n${answer.err.slice(-3000)}`,
        );
      return answer.out;
    },
  };
}

/** UML's helpers leave its process group, but not its session. */
function killSession(session: number | undefined): void {
  if (session === undefined) return;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      if (Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) === session) process.kill(Number(name), 'SIGKILL');
    } catch {
      // Gone in between.
    }
  }
}
