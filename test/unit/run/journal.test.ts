import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { encodeEntry, Journal, leadsToJournal } from '../../../src/run/journal.ts';

const HELPER = new URL('../../../dist/uninitramfs-helper', import.meta.url).pathname;

/** What journald is to a client: a socket for datagrams. Each is printed in hexadecimal. */
const LISTENER = `use IO::Socket::UNIX; use Socket;
my $s = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die; $| = 1; print "ready\\n";
while (1) { my $e; defined $s->recv($e, 65536) or die; print unpack("H*", $e), "\\n" }`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uninitramfs-journal-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const FIELDS = [
  ['MESSAGE', 'Closed x.'],
  ['PRIORITY', '6'],
  ['UNINITRAMFS_ERROR', 'two\nlines'],
] as const;

describe('an entry', () => {
  it('is a line a field, and a value of several lines has its length before it', () => {
    expect(encodeEntry(FIELDS).toString('latin1')).toBe('MESSAGE=Closed x.\nPRIORITY=6\nUNINITRAMFS_ERROR\n\x09\0\0\0\0\0\0\0two\nlines\n');
  });

  it('never outgrows a datagram by one value', () => {
    expect(encodeEntry([['MESSAGE', 'x'.repeat(1_000_000)]]).length).toBeLessThan(8192);
  });
});

describe('standard output', () => {
  it('leads to the journal where it is the very stream that systemd has made', () => {
    const file = join(folder, 'stream');
    writeFileSync(file, '');
    const { dev, ino } = statSync(file);
    const fd = openSync(file, 'a');
    expect(leadsToJournal(fd, `${dev}:${ino}`)).toBe(true);
    for (const other of [`${dev}:${ino + 1}`, '', undefined, 'x', `${dev}:${ino}:`]) expect(leadsToJournal(fd, other)).toBe(false);
    closeSync(fd);
    expect(leadsToJournal(fd, `${dev}:${ino}`)).toBe(false);
  });
});

describe('the journal', () => {
  it('gets each entry as the helper reads it', async () => {
    expect(existsSync(HELPER), 'npm run build, with a C compiler').toBe(true);
    const socket = join(folder, 'socket');
    const listener = spawn('perl', ['-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void listener.kill('SIGKILL'));
    let heard = '';
    listener.stdout.on('data', (chunk: Buffer) => {
      heard += chunk;
    });
    while (!heard.startsWith('ready')) await sleep(20);
    const frames = [FIELDS, FIELDS.slice(0, 1)].flatMap((fields) => {
      const entry = encodeEntry(fields);
      const length = Buffer.alloc(4);
      length.writeUInt32LE(entry.length);
      return [length, entry];
    });
    expect(spawnSync(HELPER, ['journal', socket], { input: Buffer.concat(frames) }).status).toBe(0);
    const wanted = [FIELDS, FIELDS.slice(0, 1)].map((fields) => encodeEntry(fields).toString('hex'));
    for (let waited = 0; waited < 100 && heard.split('\n').length < 4; waited++) await sleep(50);
    expect(heard.trim().split('\n').slice(1)).toEqual(wanted);
  });

  it.each([
    ['there is no helper', undefined, ''],
    ['the helper fails', '/bin/false', '<4>journald took no more, and lines before this one may be missing\n'],
    ['the helper is no program', '/no/such', '<4>journald took no more, and lines before this one may be missing\n'],
  ])('gets plain lines with their level where %s', async (_what, helper, complaint) => {
    const file = join(folder, 'out');
    const fd = openSync(file, 'a');
    const journal = new Journal(helper, fd);
    if (helper !== undefined) await sleep(500);
    journal.tell([
      ['MESSAGE', 'one\ntwo'],
      ['PRIORITY', '3'],
    ]);
    await journal.close();
    expect(readFileSync(file, 'utf8')).toBe(`${complaint}<3>one\n<3>two\n`);
  });
});
