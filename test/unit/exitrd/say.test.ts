import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { SHELLS } from '../../fuzz/recorder.ts';

const HOOKS = new URL('../../../shutdown-hooks/', import.meta.url).pathname;
const ASK = `. "$1/say.sh"\nshift\nfor each; do printable "$each"; printf '%s\\0' "$shown"; done`;

it.each(SHELLS)('%s says names without what a terminal obeys', (...shell) => {
  const [tool = '', ...options] = shell;
  const names = ['', 'plain', 'a\x1b[2Jb', '\n', 'two\nlines\r\n', '\x7f', 'é ünï $(id) `x` *', "it's \\033"];
  // With a socket as its input bash takes itself for one that rshd started, and reads .bashrc.
  const said = execFileSync(tool, [...options, '-c', ASK, 'sh', HOOKS, ...names], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  expect(said.split('\0').slice(0, -1)).toEqual(names.map((name) => [...name].map((char) => (char < ' ' || char === '\x7f' ? '?' : char)).join('')));
});
