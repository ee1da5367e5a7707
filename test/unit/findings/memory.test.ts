import { describe, expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
import { FakeHost } from '../support/fake-host.ts';

const REQUEST = 'MemoryOverwriteRequestControl-e20939be-32d4-41be-a150-897f85d49829';

/** Codes of what is said about memory on a host with an encrypted root. */
function said(cmdline: string, change: (host: FakeHost) => void = () => undefined): string[] {
  const host = new FakeHost();
  host.mount([host.crypt(host.disk(), 'cryptroot')], '/');
  host.files.set('/proc/cmdline', `${cmdline}\n`);
  change(host);
  const about = /^(swap-(not|in)|volume-key|memory-|init-on|crash-kernel|no-overwrite)/;
  return auditThrough(host.door(), []).report.findings.flatMap(({ code }) => (about.test(code) ? [code] : []));
}

describe('what the audit says of memory', () => {
  it('is whether the kernel clears it', () => {
    expect(said('quiet')).toEqual(['memory-not-cleared']);
    expect(said('quiet init_on_free=1')).toEqual([]);
    // It switches init_on_free off, and overwrites as well.
    expect(said('page_poison=1 init_on_free=1')).toEqual([]);
    expect(said('init_on_free=1 init_on_alloc=0')).toEqual(['init-on-alloc-off']);
  });

  it('is swap on a plain disk, below LUKS or not', () => {
    expect(said('init_on_free=1', (host) => host.swap(host.lv([host.crypt(host.disk(), 'c')], 'vg', 'swap')))).toEqual([]);
    expect(said('init_on_free=1', (host) => host.swap(host.lv([host.disk()], 'vg', 'swap')))).toEqual(['swap-not-encrypted']);
    const file = (host: FakeHost) => {
      host.mount([host.disk()], '/plain');
      host.swapFile('/plain/swap', 'mount:/plain');
    };
    expect(said('init_on_free=1', file)).toEqual(['swap-not-encrypted']);
    expect(said('init_on_free=1', (host) => host.swap(host.block('zram0')))).toEqual(['swap-in-memory']);
  });

  it('is a linked volume key, a crash kernel, and a firmware that cannot be asked', () => {
    expect(said('init_on_free=1', (host) => host.files.set('/etc/crypttab', 'a /dev/sdb none luks,link-volume-key=@u::%logon:a\n'))).toEqual([
      'volume-key-linked',
    ]);
    expect(said('init_on_free=1', (host) => host.files.set('/sys/kernel/kexec_crash_size', '268435456\n'))).toEqual(['crash-kernel']);
    expect(said('init_on_free=1', (host) => host.files.set('/sys/firmware/efi/fw_platform_size', '64\n'))).toEqual(['no-overwrite-request']);
    for (const [value, codes] of [
      ['\x01', []],
      ['\x00', ['no-overwrite-request']],
    ] as const)
      expect(said('init_on_free=1', (host) => host.files.set(`/sys/firmware/efi/efivars/${REQUEST}`, `\x07\x00\x00\x00${value}`))).toEqual(codes);
  });

  it('is nothing where nothing is encrypted, or the command line was not captured', () => {
    const plain = new FakeHost();
    plain.mount([plain.disk()], '/');
    plain.files.set('/proc/cmdline', 'quiet\n');
    expect(auditThrough(plain.door(), []).report.findings.map(({ code }) => code)).not.toContain('memory-not-cleared');
  });
});
