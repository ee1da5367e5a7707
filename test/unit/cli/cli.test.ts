import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';

/** The built program as a person meets it. */
const ROOT = new URL('../../../', import.meta.url).pathname;
const NAS = `${ROOT}test/fixtures/nas/sysroot`;
const run = (program: string, ...args: string[]) =>
  spawnSync('node', [`${ROOT}dist/${program}.cjs`, ...args], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });

describe('the command line', () => {
  it('is called teardown or uninitramfs teardown, with the same answer', () => {
    const short = run('teardown', '-n', '--sysroot', NAS);
    expect(short.status).toBe(0);
    expect(run('uninitramfs', 'teardown', '--dry-run', '--sysroot', NAS).stdout).toBe(short.stdout);
  });

  it.each([
    ['an unknown option', ['--frobnicate'], /unknown option '--frobnicate'/],
    ['a live run of a capture', ['--sysroot', NAS], /add --dry-run/],
    ['a folder that is no capture', ['-n', '--sysroot', '/etc'], /this is not a capture/],
    ['an unknown target', ['-n', '--sysroot', NAS, 'nothing'], /nothing here is called "nothing"/],
    ['a target with control characters', ['-n', '--sysroot', NAS, '/a\u001b[31m'], /\/a\\x1b\[31m is not a mount point/],
  ])('refuses %s with exit code 2, one line and no stack trace', (_what, args, message) => {
    const { status, stderr, stdout } = run('teardown', ...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/at .*\(.*:\d+/);
  });

  it('shows help and version with exit code 0', () => {
    expect(run('uninitramfs', '--help')).toMatchObject({ status: 0, stdout: expect.stringContaining('teardown [options] [TARGET...]') });
    expect(run('teardown', '--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('survives a reader that goes away', () => {
    const { status, stderr } = spawnSync('bash', ['-c', `set -o pipefail; node ${ROOT}dist/teardown.cjs -n --json --sysroot ${NAS} | head -c 10`], {
      encoding: 'utf8',
    });
    expect([status, stderr]).toEqual([0, '']);
  });

  it.each(['text', 'dot', 'mermaid', 'svg', 'json'])('draws as %s', (format) => {
    for (const order of ['teardown', 'assemble']) {
      const { status, stdout } = run('uninitramfs', 'graph', '--format', format, '--order', order, '--sysroot', NAS);
      expect(status).toBe(0);
      expect(stdout).toContain('bak00');
      if (format === 'svg') expect(stdout).toMatch(/<svg[\s\S]*<\/svg>\s*$/);
      if (format === 'json') expect(JSON.parse(stdout)).toMatchObject({ schema: 1, host: 'nas' });
    }
  });
});
