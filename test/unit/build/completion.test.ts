import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bashCompletion } from '../../../src/build/completion/bash.ts';
import { fishCompletion } from '../../../src/build/completion/fish.ts';
import { spokenOf } from '../../../src/build/completion/spoken.ts';
import { zshCompletion } from '../../../src/build/completion/zsh.ts';
import { programOf } from '../../../src/cli/program.ts';

const PROGRAMS = ['uninitramfs', 'teardown'];
const SHELLS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-test-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Into a file: fish reads no script from a socket, which is what node would give it. */
function written(shell: keyof typeof SHELLS, name: string): string {
  const path = join(folder, `${name}.${shell}`);
  writeFileSync(path, SHELLS[shell](spokenOf(programOf(name, '0'))));
  return path;
}

describe.each(['bash', 'zsh', 'fish'] as const)('the completion for %s', (shell) => {
  it.each(PROGRAMS)('of %s is read by the shell without a complaint', (name) => {
    const { status, stderr } = spawnSync(shell, ['-n', written(shell, name)], { encoding: 'utf8' });
    expect([status, stderr]).toEqual([0, '']);
  });
});

it('fish offers verbs, options and what these take', () => {
  const ask = (line: string) => spawnSync('fish', ['-c', 'source $argv[1]; complete -C $argv[2]', written('fish', 'uninitramfs'), line], { encoding: 'utf8' });
  const first = (line: string) =>
    ask(line)
      .stdout.trim()
      .split('\n')
      .map((each) => each.split('\t')[0]);
  expect(first('uninitramfs exitrd re').sort()).toEqual(['refresh', 'remove']);
  expect(first('uninitramfs exitrd build --o')).toEqual(['--out']);
  expect(first('uninitramfs graph --format ')).toEqual(['dot', 'json', 'mermaid', 'svg', 'text']);
  expect(first('uninitramfs teardown /dev/nul')).toEqual(['/dev/null']);
});

/** What bash offers for the last of these words. */
function offered(...words: string[]): string[] {
  const script = `source '${written('bash', words[0] ?? '')}'
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_${words[0]}
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return stdout.trim().split('\n');
}

describe('bash offers', () => {
  it('commands', () => {
    expect(offered('uninitramfs', 'ex')).toEqual(['exitrd']);
    expect(offered('uninitramfs', '')).toContain('graph');
  });

  it('the verbs of a command, also after an option', () => {
    expect(offered('uninitramfs', 'exitrd', 'ver')).toEqual(['verify']);
    expect(offered('uninitramfs', 'exitrd', 're').sort()).toEqual(['refresh', 'remove']);
  });

  it('options where they belong', () => {
    expect(offered('uninitramfs', 'exitrd', 'build', '--o')).toEqual(['--out']);
    expect(offered('uninitramfs', 'exitrd', 'show', '--o')).toEqual(['']);
    expect(offered('teardown', '--d')).toEqual(['--dry-run']);
    expect(offered('uninitramfs', 'teardown', '/srv', '--keep')).toEqual(['--keep-going']);
  });

  it('what an option takes, after a blank or a sign', () => {
    expect(offered('uninitramfs', 'graph', '--format', 'm')).toEqual(['mermaid']);
    expect(offered('uninitramfs', 'graph', '--format', '=', 's')).toEqual(['svg']);
    expect(offered('uninitramfs', 'graph', '--order', '=')).toEqual(['teardown', 'assemble']);
    expect(offered('uninitramfs', 'graph', '--sysroot', '/us')).toEqual(['/usr']);
    expect(offered('uninitramfs', 'keyfiles', '--wait', '')).toEqual(['']);
  });

  it('devices as targets', () => {
    expect(offered('teardown', '/dev/nul')).toEqual(['/dev/null']);
  });
});
