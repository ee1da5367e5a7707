import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer, Guest } from './guest.ts';
import { killSession, openMemoryOf } from './session.ts';

/** Talks to a machine over its serial line (descriptor 3), and makes sure that it ends with this process. */
export async function attach(child: ChildProcess, share: string): Promise<Guest> {
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
  }
  // What it said last may still be on its way when it has ended.
  const heardOut = new Promise<void>((resolve) => {
    child.on('close', () => resolve());
  });
  const line = child.stdio[3] as Duplex;
  let heard = '';
  const listeners = new Set<() => void>();
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  line.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
    tell();
  });
  line.on('error', () => undefined);
  let exited = false;
  const gone = new Promise<void>((resolve) => {
    const end = (): void => {
      exited = true;
      tell();
      resolve();
    };
    child.on('exit', end).on('error', end);
  });
  const console = () => said;
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
    process.off('exit', onExit).off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt).off('SIGHUP', onInterrupt);
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
  process.once('exit', onExit).once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt).once('SIGHUP', onInterrupt);
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
    pid: child.pid as number,
    console,
    stop,
    ended: async (seconds) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<'late'>((resolve) => {
        timer = setTimeout(() => resolve('late'), seconds * 1000);
      });
      const end = await Promise.race([gone, late]);
      clearTimeout(timer);
      if (end !== 'late') await Promise.race([heardOut, sleep(1000)]);
      if (end === 'late') throw new Error(`the guest did not power off within ${seconds} s:\n${console().slice(-3000)}`);
    },
    openMemory: () => openMemoryOf(child.pid as number),
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
