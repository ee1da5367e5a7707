import { describe, expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
import { FakeHost } from '../support/fake-host.ts';

const OURS = '/run/initramfs/usr/lib/uninitramfs/steps.sh';

function encrypted(): FakeHost {
  const host = new FakeHost();
  host.mount([host.crypt(host.disk(), 'root')], '/');
  return host;
}

const said = (host: FakeHost) =>
  auditThrough(host.door(), [])
    .report.findings.filter((finding) => finding.code.startsWith('exitrd'))
    .map((finding) => `${finding.severity} ${finding.text}`);

describe('the audit and the exitrd', () => {
  it('says what stays open without one', () => {
    expect(said(encrypted())).toEqual(['warning no exitrd is installed: 1 device below the root will still be open when the power goes']);
  });

  it('has nothing to say where nothing lies below the root, or where ours is', () => {
    const plain = new FakeHost();
    plain.mount([plain.disk()], '/');
    expect(said(plain)).toEqual([]);
    const host = encrypted();
    host.files.set(OURS, '');
    expect(said(host)).toEqual([]);
  });

  it('knows that ours is there also where only root may look into it', () => {
    const host = encrypted();
    host.mount([], '/run/initramfs', 'tmpfs');
    expect(said(host)).toHaveLength(1);
    host.source('/run/initramfs', 'uninitramfs');
    expect(said(host)).toEqual([]);
  });

  it('names whoever else claims the place, and who wins', () => {
    const host = encrypted();
    host.files.set('/usr/lib/systemd/system/dracut-shutdown.service', '');
    expect(said(host)).toEqual(['warning dracut-shutdown.service claims /run/initramfs: the next shutdown enters its tree, not ours']);
    host.files.set(OURS, '');
    expect(said(host)).toEqual([
      'info dracut-shutdown.service also claims /run/initramfs: ours is there and wins; it finds a bin/sh there and leaves the place alone',
    ]);
    host.links.set('/etc/systemd/system/dracut-shutdown.service', '/dev/null');
    expect(said(host)).toEqual([]);
  });

  it('knows that Debian 12’s mdadm does nothing there without dracut', () => {
    const host = encrypted();
    host.files.set(OURS, '');
    host.files.set('/lib/systemd/system/mdadm-shutdown.service', '');
    expect(said(host)).toEqual([]);
    host.files.set('/usr/bin/dracut', '');
    expect(said(host)).toHaveLength(1);
  });
});
