import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../../../src/app/audit.ts';
import { capture } from '../../../src/app/capture.ts';
import { redact } from '../../../src/capture/redact.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uninitramfs-capture-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('capture', () => {
  it.each(readdirSync(FIXTURES))('of the captured %s replays to the same report, from a folder and from a tar', async (host) => {
    const sysroot = `${FIXTURES}${host}/sysroot`;
    const expected = audit(sysroot, []).report;
    await capture(join(folder, 'a'), sysroot);
    expect(audit(join(folder, 'a'), []).report).toEqual(expected);
    await capture(join(folder, 'a.tar.gz'), sysroot);
    execFileSync('sh', ['-c', 'mkdir b && tar -xzf a.tar.gz -C b'], { cwd: folder });
    expect(audit(join(folder, 'b'), []).report).toEqual(expected);
    expect(statSync(join(folder, 'a.tar.gz')).mode & 0o077).toBe(0);
  });

  it('writes over nothing', async () => {
    await capture(join(folder, 'a.tar'), `${FIXTURES}nas/sysroot`);
    await expect(capture(join(folder, 'a.tar'), `${FIXTURES}nas/sysroot`)).rejects.toThrow(/a\.tar cannot be written \(EEXIST\)/);
    await expect(capture(folder, `${FIXTURES}nas/sysroot`)).rejects.toThrow(/is not empty/);
  });
});

describe('redact', () => {
  it('keeps a passphrase out of crypttab, and passwords out of options', () => {
    expect(redact('/etc/crypttab', '# secret remark\ndata /dev/sda1 hunter2 luks,password=x\nkeys /dev/sda2 /k/a.key luks\n')).toBe(
      'data /dev/sda1 none luks,password=REDACTED\nkeys /dev/sda2 /k/a.key luks\n',
    );
    expect(redact('/etc/fstab', '//nas/x /x cifs user=u,password=p 0 0\n')).toBe('//nas/x /x cifs defaults\n');
    expect(redact('/proc/self/mountinfo', '1 2 0:5 / /x rw - cifs //n/x rw,username=u,password=geheim,vers=3\n')).not.toContain('geheim');
  });

  it('keeps of udev only the links it made', () => {
    expect(redact('/run/udev/data/b8:1', 'S:disk/by-uuid/1\nE:ID_SERIAL=secret\nS:disk/by-label/x\n')).toBe('S:disk/by-uuid/1\nS:disk/by-label/x\n');
  });
});
