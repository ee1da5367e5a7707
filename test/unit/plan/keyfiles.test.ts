import { describe, expect, it } from 'vitest';
import { readGraph } from '../../../src/app/audit.ts';
import { keyfileDevices } from '../../../src/plan/keyfiles.ts';
import { FakeHost } from '../support/fake-host.ts';

function hostWith(crypttab: string): FakeHost {
  const host = new FakeHost();
  host.mount([host.crypt(host.disk(), 'cryptroot')], '/');
  host.files.set('/etc/crypttab', crypttab);
  return host;
}

function devicesOf(host: FakeHost, listed: readonly string[] = []) {
  const { src, graph } = readGraph(host.door());
  return keyfileDevices(src, graph, listed).map(({ name, opens, waitsFor, absent, usedBy }) => ({ name, opens, waitsFor, absent, usedBy }));
}

const free = { waitsFor: [], absent: [], usedBy: [] };

describe('a device that holds keys', () => {
  it('is found by a file on its file system, and by a key that is the device itself', () => {
    const host = hostWith('a /dev/sdx /keys/a.key luks\nb /dev/sdy /dev/mapper/raw luks\n');
    host.mount([host.crypt(host.disk(), 'keys')], '/keys');
    host.crypt(host.disk(), 'raw');
    for (const name of ['a', 'b']) host.crypt(host.disk(), name);
    expect(devicesOf(host)).toEqual([
      { ...free, name: 'keys', opens: ['a'] },
      { ...free, name: 'raw', opens: ['b'] },
    ]);
  });

  it('is found by the form path:device, and where systemd left it mounted', () => {
    const host = hostWith('a /dev/sdx /a.key:/dev/mapper/keys luks\nb /dev/sdy /b.key:LABEL=nowhere luks\n');
    host.crypt(host.disk(), 'keys');
    host.mount([host.crypt(host.disk(), 'other')], '/run/systemd/cryptsetup/keydev-b');
    for (const name of ['a', 'b']) host.crypt(host.disk(), name);
    expect(devicesOf(host)).toEqual([
      { ...free, name: 'keys', opens: ['a'] },
      { ...free, name: 'other', opens: ['b'] },
    ]);
  });

  it('waits for what has to be open, and not for what may be absent', () => {
    const host = hostWith('a /dev/sdx /keys/k luks\nb /dev/sdy /keys/k luks,nofail\nc /dev/sdz /keys/k luks,noauto\n');
    host.mount([host.crypt(host.disk(), 'keys')], '/keys');
    expect(devicesOf(host)).toEqual([{ name: 'keys', opens: ['a', 'b', 'c'], waitsFor: ['a'], absent: ['b', 'c'], usedBy: [] }]);
  });

  it('does not wait for what held keys itself and was closed for that', () => {
    const host = hostWith('a /dev/sdx /keys/k luks\nraw /dev/sdy /keys/k luks\nb /dev/sdz /dev/mapper/raw luks\n');
    host.mount([host.crypt(host.disk(), 'keys')], '/keys');
    expect(devicesOf(host, ['a']).map(({ waitsFor }) => waitsFor)).toEqual([[]]);
  });

  it('is told by an administrator, by name or path', () => {
    const host = hostWith('');
    for (const name of ['one', 'two', 'three']) host.crypt(host.disk(), name);
    expect(devicesOf(host, ['one', '/dev/mapper/two', 'nowhere']).map(({ name }) => name)).toEqual(['one', 'two']);
  });

  it('is not what its mount was only made on', () => {
    const host = hostWith('a /dev/sdx /data/keys/a.key luks\n');
    host.mount([host.crypt(host.disk(), 'data')], '/data');
    host.mount([host.crypt(host.disk(), 'keys')], '/data/keys');
    host.crypt(host.disk(), 'a');
    expect(devicesOf(host).map(({ name }) => name)).toEqual(['keys']);
  });

  it('is not the root, nor what opens itself', () => {
    const host = hostWith('a /dev/sdx /etc/a.key luks\nb /dev/sdy /mnt/b/b.key luks\n');
    host.crypt(host.disk(), 'a');
    host.mount([host.crypt(host.disk(), 'b')], '/mnt/b');
    expect(devicesOf(host, ['cryptroot'])).toEqual([]);
  });

  it('is in use by whatever else lies on it', () => {
    const host = hostWith('a /dev/sdx /keys/a.key luks\n');
    const keys = host.crypt(host.disk(), 'keys');
    host.mount([keys], '/keys');
    host.mount([keys], '/again');
    host.loop('/keys/image', 'mount:/keys');
    host.mount([host.disk()], '/keys/below');
    host.crypt(host.disk(), 'a');
    expect([...(devicesOf(host)[0]?.usedBy ?? [])].sort()).toEqual(['/dev/loop0', '/keys/below']);
  });
});
