import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const ROOT = new URL('../../../', import.meta.url).pathname;
const NAS = `${ROOT}test/fixtures/nas/sysroot`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uninitramfs-audit-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const audit = (...args: string[]) => spawnSync('node', [`${ROOT}dist/uninitramfs.cjs`, 'audit', '--sysroot', NAS, ...args], { encoding: 'utf8', cwd: folder });

describe('uninitramfs audit', () => {
  it('prints for a person, without colours where there is no terminal, and says by its exit code that something is wrong', () => {
    const { status, stdout, stderr } = audit();
    expect([status, stderr]).toEqual([1, '']);
    expect(stdout).toMatch(/^nas: audit of \d{4}-\d\d-\d\d \d\d:\d\d UTC, by uninitramfs \d+\.\d+\.\d+\n/);
    expect(stdout).not.toContain('\u001b');
  });

  it('has colours on a terminal, unless NO_COLOR is set', () => {
    const onTerminal = (environment: string) =>
      spawnSync('script', ['-qec', `${environment} node ${ROOT}dist/uninitramfs.cjs audit --sysroot ${NAS}`, '/dev/null'], {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, TERM: 'xterm' },
      }).stdout;
    expect(onTerminal('')).toContain('\u001b[33m warn ');
    expect(onTerminal('NO_COLOR=1')).not.toContain('\u001b[');
  });

  it('prints JSON that the schema in dist/ accepts', () => {
    const { status, stdout } = audit('--json');
    expect(status).toBe(1);
    const validate = new Ajv2020().compile(JSON.parse(readFileSync(`${ROOT}dist/audit.schema.json`, 'utf8')));
    expect(validate(JSON.parse(stdout)) || validate.errors).toBe(true);
  });

  it('writes a page for its owner alone, and metrics for everybody, each whole', () => {
    const { status, stdout } = audit('--html', 'page.html', '--textfile', 'uninitramfs.prom');
    expect([status, stdout]).toEqual([1, 'page.html: written\nuninitramfs.prom: written\n']);
    expect(readdirSync(folder).sort()).toEqual(['page.html', 'uninitramfs.prom']);
    expect(['page.html', 'uninitramfs.prom'].map((name) => statSync(join(folder, name)).mode & 0o777)).toEqual([0o600, 0o644]);
    expect(readFileSync(join(folder, 'page.html'), 'utf8')).toMatch(/^<!DOCTYPE html>[\s\S]*<svg[\s\S]*<\/html>\n$/);
  });

  it('prints one of them, and nothing else', () => {
    expect(audit('--html', '-').stdout).toMatch(/^<!DOCTYPE html>[\s\S]*<\/html>\n$/);
    expect(audit('--textfile', '-').stdout).toMatch(/^# HELP .*\n[\s\S]*\d\n$/);
    expect(JSON.parse(audit('--json', '--textfile', 'a.prom').stdout)).toMatchObject({ schema: 1, host: 'nas' });
  });

  it.each([
    ['two things for standard output', ['--json', '--html', '-'], /only one of --json, --html - and --textfile -/],
    ['a device as a file', ['--html', '/dev/null'], /\/dev\/null is no plain file/],
    ['a folder that is not there', ['--textfile', 'no/such.prom'], /no\/such\.prom cannot be written/],
    ['a target', ['/srv'], /too many arguments/],
  ])('refuses %s with exit code 2', (_what, args, message) => {
    const { status, stdout, stderr } = audit(...args);
    expect([status, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(message);
  });
});
