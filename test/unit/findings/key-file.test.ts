import { expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
import { FakeHost } from '../support/fake-host.ts';

function said(crypttab: string, hook?: string, modes: Readonly<Record<string, number>> = {}): string[] {
  const host = new FakeHost();
  host.mount([host.crypt(host.disk(), 'cryptroot')], '/');
  host.mount([host.disk()], '/boot');
  host.files.set('/etc/crypttab', crypttab);
  for (const [path, mode] of Object.entries(modes)) host.modes.set(path, mode);
  if (hook !== undefined) host.files.set('/etc/cryptsetup-initramfs/conf-hook', hook);
  return auditThrough(host.door(), []).report.findings.flatMap(({ code }) => (code.startsWith('key-file-') ? [code] : []));
}

it('a key file on an encrypted file system is where it should be, and a random key is no file', () => {
  expect(said('a /dev/sdx /etc/keys/a.key luks\nswap /dev/sdy /dev/urandom swap\nb /dev/sdz none luks\n')).toEqual([]);
});

it('a key file on a plain file system is named', () => {
  expect(said('a /dev/sdx /boot/a.key luks\n')).toEqual(['key-file-in-the-clear']);
});

it('a key file that goes into an initramfs on a plain /boot is named', () => {
  const entry = 'a /dev/sdx /etc/keys/a.key luks,initramfs\n';
  expect(said(entry, '#KEYFILE_PATTERN=\n')).toEqual([]);
  expect(said(entry, 'KEYFILE_PATTERN="/etc/keys/*.key"\n')).toEqual(['key-file-in-initramfs']);
  expect(said('a /dev/sdx /etc/keys/a.key luks\n', 'KEYFILE_PATTERN="/etc/keys/*.key"\n')).toEqual([]);
});

it('a key file that others can reach and read is named', () => {
  const entry = 'a /dev/sdx /etc/keys/a.key luks\n';
  const open = { '/': 0o755, '/etc': 0o755, '/etc/keys': 0o711, '/etc/keys/a.key': 0o644 };
  expect(said(entry, undefined, open)).toEqual(['key-file-readable']);
  expect(said(entry, undefined, { ...open, '/etc/keys': 0o700 })).toEqual([]);
  expect(said(entry, undefined, { ...open, '/etc/keys/a.key': 0o600 })).toEqual([]);
});
