import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const PROGRAM = new URL('../../../dist/uninitramfs.cjs', import.meta.url).pathname;
const DROP_IN = '/etc/uninitramfs/uninitramfs.toml.d/10-keys.toml';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'uninitramfs-config-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(dirname(root + path), { recursive: true });
  writeFileSync(root + path, text);
}

function config(...args: string[]) {
  return spawnSync('node', [PROGRAM, 'config', '--sysroot', root, ...args], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

describe('uninitramfs config', () => {
  it('prints every key, its value and where that comes from, as a file that says the same', () => {
    write(DROP_IN, '# ours\nkeyfile_devices = ["keys01"]\n');
    const { status, stdout, stderr } = config();
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^# From: default\nwipe = "keys"$/m);
    expect(stdout).toContain(`# From: ${DROP_IN}:2\nkeyfile_devices = ["keys01"]\n`);
    write(DROP_IN, stdout);
    expect(config().stdout.replace(/^# From: .*$/gm, '')).toBe(stdout.replace(/^# From: .*$/gm, ''));
  });

  it('keeps to 80 columns', () => {
    const names = Array.from({ length: 20 }, (_, index) => `keys${index}`);
    write(DROP_IN, `keyfile_devices = ${JSON.stringify(names)}`);
    const { stdout } = config();
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    write(DROP_IN, stdout);
    expect(JSON.parse(config('--json').stdout)).toContainEqual(expect.objectContaining({ key: 'keyfile_devices', value: names }));
  });

  it('says of a receipt that it cannot be left here, as long as that is', () => {
    cpSync(new URL('../../fixtures/nas/sysroot', import.meta.url).pathname, root, { recursive: true, verbatimSymlinks: true });
    write(DROP_IN, 'receipt = "/etc/receipt"');
    const { status, stdout } = config();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^# Not possible here: \/etc\/receipt lies on (.*\n# )*.*\nreceipt = "\/etc\/receipt"$/m);
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  it('prints JSON', () => {
    write(DROP_IN, 'keyfile_devices = []');
    expect(JSON.parse(config('--json').stdout)).toMatchObject([
      { key: 'wipe', value: 'keys', from: 'default' },
      { key: 'keyfile_devices', value: [], from: `${DROP_IN}:1` },
      { key: 'never_touch', value: [], from: 'default' },
      { key: 'bounds', value: 1, from: 'default' },
      { key: 'console', value: 'steps', from: 'default' },
      { key: 'receipt', value: 'off', from: 'default' },
      { key: 'exitrd_files', value: [], from: 'default' },
      { key: 'exitrd_before', value: [], from: 'default' },
      { key: 'exitrd_after', value: [], from: 'default' },
    ]);
  });

  it.each([
    ['memory', 'wipe=off uninitramfs.wipe=off uninitramfs.wipe=memory', '/proc/cmdline'],
    ['keys', 'uninitramfs.wipe=al', '/proc/cmdline, where uninitramfs.wipe=al is no level'],
    ['off', 'quiet', `${DROP_IN}:1`],
  ])("says that wipe is %s by the kernel's command line %j", (value, words, from) => {
    write(DROP_IN, 'wipe = "off"');
    write('/proc/cmdline', `BOOT_IMAGE=/vmlinuz ${words}\n`);
    expect(JSON.parse(config('--json').stdout)).toContainEqual(expect.objectContaining({ key: 'wipe', value, from }));
  });

  it.each([
    ['an unknown key', 'wype = "keys"', `uninitramfs: ${DROP_IN}, line 1: there is no setting called "wype" (did you mean wipe?)\n`],
    ['a wrong value', '\nwipe = "\\u001b[31m"', `uninitramfs: ${DROP_IN}, line 2: wipe is "\\u001b[31m"; it can be "keys", "memory", "off"\n`],
  ])('ends with exit code 2 and one line for %s', (_what, text, message) => {
    write(DROP_IN, text);
    expect(config()).toMatchObject({ status: 2, stdout: '', stderr: message });
  });

  it('refuses a folder that is not there', () => {
    const { status, stderr } = config('--sysroot', `${root}/nothing`);
    expect(status).toBe(2);
    expect(stderr).toMatch(/there is no folder .*\/nothing: name the one that holds etc/);
  });
});
