import type { Socket } from 'node:net';
import type { Answer } from './uml.ts';

/** The agent's side channel: scripts go in, answers come out, and each boot says ready once. */
export interface Port {
  send(script: string, input?: Buffer): number;
  answer(number: number, seconds: number): Promise<Answer>;
  /** Waits for the agent of a boot that has not been waited for yet. */
  ready(seconds: number): Promise<void>;
}

export function portOf(socket: Socket, gone: Promise<void>, trouble: () => string): Port {
  const answers = new Map<number, Answer>();
  const listeners = new Set<() => void>();
  let bytes = Buffer.alloc(0);
  let boots = 0;
  let count = 0;
  let ended = false;
  const tell = (): void => {
    for (const listener of listeners) listener();
  };
  socket.on('data', (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    for (;;) {
      const end = bytes.indexOf('\n');
      if (end < 0) break;
      const line = bytes.subarray(0, end).toString();
      const [number, code, out, err] = line.split(' ').map(Number);
      if (number === undefined || code === undefined || out === undefined || err === undefined) {
        if (line.endsWith('ready')) boots++;
        bytes = bytes.subarray(end + 1);
        continue;
      }
      if (bytes.length < end + 1 + out + err) break;
      const body = bytes.subarray(end + 1, end + 1 + out + err);
      answers.set(number, { out: body.subarray(0, out).toString(), err: body.subarray(out).toString(), code });
      bytes = bytes.subarray(end + 1 + out + err);
    }
    tell();
  });
  void gone.then(() => {
    ended = true;
    tell();
  });
  const until = <T>(what: string, seconds: number, look: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = look();
        if (found === undefined && !ended) return;
        stop();
        if (found !== undefined) resolve(found);
        else reject(new Error(`QEMU ended while waiting for ${what}:\n${trouble()}`));
      };
      const stop = (): void => {
        clearTimeout(timer);
        listeners.delete(check);
      };
      const timer = setTimeout(() => {
        stop();
        reject(new Error(`no ${what} from the guest within ${seconds} s:\n${trouble()}`));
      }, seconds * 1000);
      listeners.add(check);
      check();
    });
  return {
    send: (script, input = Buffer.alloc(0)) => {
      const number = ++count;
      const body = Buffer.from(`${script}\n`);
      // What a killed agent of an earlier boot began to say is nobody's answer.
      socket.write(Buffer.concat([Buffer.from(`${number} ${body.length} ${input.length}\n`), body, input]));
      return number;
    },
    answer: (number, seconds) => until(`answer to script ${number}`, seconds, () => answers.get(number)),
    ready: async (seconds) => {
      await until('ready', seconds, () => (boots > 0 ? true : undefined));
      boots = 0;
    },
  };
}
