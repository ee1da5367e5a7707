import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const HELPER = new URL('../../../dist/uninitramfs-helper', import.meta.url).pathname;
const TMPFS = '/dev/shm';

let memory: string;
let disk: string;
beforeAll(() => {
  expect(statSync(HELPER).isFile(), 'npm run build, with a C compiler').toBe(true);
  memory = mkdtempSync(join(TMPFS, 'uninitramfs-wipe-'));
  disk = mkdtempSync(join(tmpdir(), 'uninitramfs-wipe-'));
});
afterAll(() => {
  for (const folder of [memory, disk]) rmSync(folder, { recursive: true, force: true });
});

describe('the helper that wipes', () => {
  it('overwrites every file below a tmpfs, whatever its name, and leaves size and place', () => {
    mkdirSync(join(memory, 'a', 'b c'), { recursive: true });
    const files = ['plain', "a/it's $(id)", 'a/b c/new\nline', 'a/read-only'].map((name) => join(memory, name));
    for (const file of files) writeFileSync(file, 'a secret '.repeat(20_000), { mode: 0o400 });
    execFileSync(HELPER, ['files', memory]);
    for (const file of files) {
      expect(statSync(file).size).toBe(180_000);
      expect(readFileSync(file).every((byte) => byte === 0)).toBe(true);
    }
  });

  it('never opens what lies on a disk, not even through a link', () => {
    const kept = join(disk, 'kept');
    writeFileSync(kept, 'data');
    symlinkSync(kept, join(memory, 'link'));
    symlinkSync(disk, join(memory, 'folder'));
    execFileSync(HELPER, ['files', memory, join(memory, 'folder'), disk, '/nowhere']);
    // Where even /tmp is a tmpfs it is the file system the helper works in, and left alone for that.
    expect(readFileSync(kept, 'utf8')).toBe('data');
  });

  it('overwrites a share of free memory, and gives it back', () => {
    expect(Number(execFileSync(HELPER, ['share', '1', '64'], { encoding: 'utf8' }))).toBeGreaterThan(0);
  });

  it('drops what is cached of files below a folder, and leaves them as they are', () => {
    const kept = join(disk, 'kept');
    writeFileSync(kept, 'data');
    expect(spawnSync(HELPER, ['forget', disk], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(kept, 'utf8')).toBe('data');
    expect(spawnSync(HELPER, ['forget', join(disk, 'nothing')], { encoding: 'utf8' })).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('No such file'),
    });
  });

  it('takes nothing of what has to stay free', () => {
    expect(execFileSync(HELPER, ['share', '100', '100000000'], { encoding: 'utf8' })).toBe('0\n');
  });

  it('says how it is used, and does nothing then', () => {
    for (const args of [
      [],
      ['files'],
      ['everything'],
      ['fill'],
      ['fill', '-1'],
      ['keyring', 'x'],
      ['share', '101', '64'],
      ['share', '0', '64'],
      ['share', '1'],
      ['cached', 'x'],
      ['unmap'],
      ['panic', 'x'],
      ['forget'],
      ['unload'],
    ]) {
      const { status, stderr } = spawnSync(HELPER, args, { encoding: 'utf8' });
      expect(status).toBe(2);
      expect(stderr).toMatch(/^usage: uninitramfs-helper /);
    }
  });
});
