import { spawnSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { PROGRAM_FOLDERS } from '../model/places.ts';
import type { Door } from '../model/sources.ts';

/**
 * The one door to a host's files. `root` is `/` or a captured tree; absolute links inside a tree are never followed by
 * the callers, so nothing read through it comes from outside the tree.
 */
export function openDoor(root = '/'): Door {
  const prefix = root === '/' ? '' : root.replace(/\/+$/, '');
  const quiet = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch {
      return undefined;
    }
  };
  return {
    root,
    live: prefix === '',
    text: (path) => quiet(() => readFileSync(prefix + path, 'utf8').trimEnd()),
    list: (path) => quiet(() => readdirSync(prefix + path).sort()) ?? [],
    link: (path) => quiet(() => readlinkSync(prefix + path)),
    exists: (path) => quiet(() => lstatSync(prefix + path)) !== undefined,
    answer: (argv) => (prefix === '' ? ask(argv) : quiet(() => readFileSync(prefix + answerPath(argv), 'utf8'))),
    mode: (path) => (prefix === '' ? quiet(() => statSync(path).mode & 0o7777) : undefined),
  };
}

/** Where a capture keeps what a program printed. */
export function answerPath(argv: readonly string[]): string {
  return `/run/uninitramfs/answers/${argv.join(' ').replaceAll('/', '!')}`;
}

const ANSWER_SECONDS = 10;

/** timeout(1) between, so that one in D state is its child and not ours: nobody waits for it then. */
function ask(argv: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync('timeout', ['--kill-after=1', String(ANSWER_SECONDS), ...argv], {
    encoding: 'utf8',
    env: { PATH: PROGRAM_FOLDERS.join(':'), LC_ALL: 'C' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: (ANSWER_SECONDS + 2) * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: 64 << 20,
  });
  return status === 0 ? stdout : undefined;
}
