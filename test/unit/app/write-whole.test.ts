import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeWhole } from '../../../src/app/write-whole.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uninitramfs-write-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a file that is written whole', () => {
  it.each([0o600, 0o644])('has the mode %o whatever the umask is, and leaves nothing beside it', (mode) => {
    const umask = process.umask(0o077);
    const path = join(folder, 'a');
    for (const text of ['old', 'new']) writeWhole(path, text, mode);
    process.umask(umask);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(mode);
    expect(readdirSync(folder)).toEqual(['a']);
  });

  it('takes the place of one that others could read, and has its own mode', () => {
    const path = join(folder, 'a');
    writeFileSync(path, 'old', { mode: 0o644 });
    writeWhole(path, 'new', 0o600);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('is never where a link is, nor what that leads to', () => {
    writeFileSync(join(folder, 'precious'), 'mine');
    for (const to of ['precious', 'nothing']) {
      const link = join(folder, `link-${to}`);
      symlinkSync(to, link);
      expect(() => writeWhole(link, 'x', 0o600)).toThrow(/is a link: name a file/);
    }
    expect(readFileSync(join(folder, 'precious'), 'utf8')).toBe('mine');
    expect(readdirSync(folder).sort()).toEqual(['link-nothing', 'link-precious', 'precious']);
  });

  it.each(['/dev/null', '/dev', '/proc/self/fd'])('does not take the place of %s', (path) => {
    expect(() => writeWhole(path, 'x', 0o600)).toThrow(/is (no plain file|a link)/);
  });

  it('says in one line why it cannot be written', () => {
    expect(() => writeWhole(join(folder, 'no/such'), 'x', 0o600)).toThrow(/no\/such cannot be written: ENOENT/);
    mkdirSync(join(folder, 'sub'));
    expect(readdirSync(folder)).toEqual(['sub']);
  });
});
