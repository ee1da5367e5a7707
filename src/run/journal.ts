import { type ChildProcess, spawn } from 'node:child_process';
import { fstatSync, writeSync } from 'node:fs';

/** Fields and their values; a field may be there more than once. */
type Fields = readonly (readonly [field: string, value: string])[];

/** journald cuts off none of it, but the socket takes no datagram of any size. */
const MOST_BYTES = 32_768;
/** Nobody waits longer for journald at the end. */
const CLOSE_SECONDS = 3;

/**
 * Whether a file descriptor of this process leads to the journal, and is not a file or a pipe that somebody put in its place
 * (systemd.exec(5), $JOURNAL_STREAM).
 */
export function leadsToJournal(fd: number, stream = process.env.JOURNAL_STREAM): boolean {
  if (!stream) return false;
  try {
    const { dev, ino } = fstatSync(fd, { bigint: true });
    return stream === `${dev}:${ino}`;
  } catch {
    return false;
  }
}

/** One entry as journald takes it (systemd: docs/JOURNAL_NATIVE_PROTOCOL.md): a value of several lines has its length before it. */
export function encodeEntry(fields: Fields): Buffer {
  const parts = fields.flatMap(([field, value]) => {
    const text = Buffer.from(value).subarray(0, MOST_BYTES / 8);
    if (!text.includes('\n')) return [Buffer.from(`${field}=`), text, Buffer.from('\n')];
    const length = Buffer.alloc(8);
    length.writeBigUInt64LE(BigInt(text.length));
    return [Buffer.from(`${field}\n`), length, text, Buffer.from('\n')];
  });
  return Buffer.concat(parts);
}

/**
 * The way into the journal: a helper that sends what it reads, since node has no sockets for datagrams of this kind. Without it, or once
 * it fails, lines with their level go where standard output leads (sd-daemon(3)), and the other fields are not told.
 */
export class Journal {
  private readonly child: ChildProcess | undefined;
  private gone = true;

  /** @param helper the program of helper.c, where there is one. @param fd where lines go without it. */
  constructor(
    helper: string | undefined,
    private readonly fd: number,
  ) {
    if (helper === undefined) return;
    this.child = spawn(helper, ['journal'], { cwd: '/', env: {}, stdio: ['pipe', 'ignore', 'ignore'] });
    this.gone = false;
    this.child.on('error', () => this.end(true));
    this.child.on('exit', (code) => this.end(code !== 0));
    // Its end is told above.
    this.child.stdin?.on('error', () => undefined);
  }

  tell(fields: Fields): void {
    if (this.gone) {
      this.line(fields);
      return;
    }
    const entry = encodeEntry(fields);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(entry.length);
    this.child?.stdin?.write(Buffer.concat([length, entry]));
  }

  /** Until everything told is on its way, or three seconds have passed. */
  async close(): Promise<void> {
    if (this.gone) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_SECONDS * 1000);
      this.child?.on('exit', () => {
        clearTimeout(timer);
        resolve();
      });
      this.child?.stdin?.end();
    });
  }

  private end(hasFailed: boolean): void {
    if (!this.gone && hasFailed)
      this.line([
        ['MESSAGE', 'journald took no more, and lines before this one may be missing'],
        ['PRIORITY', '4'],
      ]);
    this.gone = true;
  }

  private line(fields: Fields): void {
    const value = (name: string) => fields.find(([field]) => field === name)?.[1] ?? '';
    const level = `<${value('PRIORITY') || 6}>`;
    const lines = value('MESSAGE').split('\n');
    try {
      writeSync(this.fd, lines.map((line) => `${level}${line}\n`).join(''));
    } catch {
      // A reader that went away does not end a live run.
    }
  }
}
