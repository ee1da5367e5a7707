import { describe, expect, it } from 'vitest';
import { auditThrough, readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import { keyfileDevices } from '../../../src/plan/keyfiles.ts';
import { liveShare } from '../../../src/plan/live-share.ts';
import { makeExitrdPlan } from '../../../src/plan/plan.ts';
import { parseKeys, parseShape } from '../../../src/sources/zfs.ts';
import { FakeHost } from '../support/fake-host.ts';

/** The reference host zfs-mirror. */
function mirror(): FakeHost {
  const host = new FakeHost();
  const crypts = ['rpool-crypt0', 'rpool-crypt1'].map((name) => host.crypt(host.partition(host.disk(), 4), name));
  host.pool('rpool', crypts);
  host.dataset('rpool/ROOT/debian', '/');
  host.dataset('rpool/home', '/home');
  host.swap(host.zvol('rpool/swap'));
  return host;
}

const steps = (host: FakeHost) => auditThrough(host.door(), []).plan.steps.map(({ stage, title }) => `${stage}: ${title}`);
const codes = (host: FakeHost) => auditThrough(host.door(), []).report.findings.map(({ code }) => code);

describe('a root pool on LUKS', () => {
  it('goes in the exitrd: swap on a volume and mounts first, then the pool, then what it lies on', () => {
    const titles = makeExitrdPlan(readGraph(mirror().door()).graph, layers).steps.map(({ title }) => title);
    const at = (title: string) => titles.indexOf(title);
    expect(titles).toHaveLength(6);
    for (const before of ['unmount /', 'unmount /home', 'turn off swap /dev/zd0']) expect(at(before)).toBeLessThan(at('export pool rpool'));
    for (const after of ['close LUKS2 rpool-crypt0', 'close LUKS2 rpool-crypt1']) expect(at(after)).toBeGreaterThan(at('export pool rpool'));
  });

  it('leaves live what is no part of the root', () => {
    expect(steps(mirror()).filter((title) => title.startsWith('live'))).toEqual(['live: turn off swap /dev/zd0', 'live: unmount /home']);
  });
});

describe('pools outside the root', () => {
  it('are left to the exitrd at a shutdown, with what they lie on: zpool.cache would forget them', () => {
    const host = new FakeHost();
    host.mount([host.disk()], '/');
    host.pool('tank', [host.crypt(host.disk(), 'z0')]);
    host.dataset('tank', '/srv/tank');
    host.mount([host.crypt(host.zvol('tank/vol'), 'upper')], '/srv/upper');
    const { graph, plan } = auditThrough(host.door(), []);
    expect(liveShare(graph, plan.steps).map(({ title }) => title)).toEqual(['unmount /srv/upper', 'close LUKS2 upper', 'unmount /srv/tank']);
  });

  it('lie on files, on loop devices, and on LUKS on a volume of another pool', () => {
    const host = new FakeHost();
    const root = host.mount([host.disk()], '/');
    host.pool('tank', [host.crypt(host.disk(), 'tank-crypt')], [['/var/images/vdev', root]]);
    host.pool('inner', [host.crypt(host.zvol('tank/vol'), 'inner-crypt')]);
    host.dataset('inner/data', '/srv/inner');
    expect(steps(host)).toEqual([
      'live: unmount /srv/inner',
      'live: export pool inner',
      'live: close LUKS2 inner-crypt',
      'live: export pool tank',
      'live: close LUKS2 tank-crypt',
      'exitrd: unmount /',
    ]);
  });

  it('stay, with what they lie on, when they are suspended or when zpool does not tell of them', () => {
    const host = mirror();
    host.pool('tank', [host.crypt(host.disk(), 'tank-crypt')]);
    host.files.set('/proc/spl/kstat/zfs/tank/state', 'SUSPENDED\n');
    expect(codes(host)).toContain('pool-suspended');
    expect(steps(host).filter((title) => title.includes('tank'))).toEqual([]);
    host.files.set('/proc/spl/kstat/zfs/tank/state', 'ONLINE\n');
    host.answers.delete('zpool list');
    expect(codes(host)).toContain('unknown-layer');
    expect(steps(host).filter((title) => title.includes('export'))).toEqual([]);
  });

  it('unload the keys that are loaded, and their key files make a key device', () => {
    const host = new FakeHost();
    host.mount([host.disk()], '/');
    host.mount([host.crypt(host.disk(), 'keys')], '/keys');
    host.pool('tank', [host.disk()]);
    const get = (name: string, root: string, status: string, location: string) =>
      [`${name}\tencryptionroot\t${root}`, `${name}\tkeystatus\t${status}`, `${name}\tkeylocation\t${location}`, ''].join('\n');
    host.answers.set(
      'zfs get',
      get('tank', '-', '-', 'none') +
        get('tank/a', 'tank/a', 'available', 'file:///keys/a.key') +
        get('tank/a/below', 'tank/a', 'available', 'none') +
        get('tank/b b', 'tank/b b', 'unavailable', 'file:///keys/b.key'),
    );
    const { src, graph } = readGraph(host.door());
    expect(keyfileDevices(src, graph)).toMatchObject([{ name: 'keys', opens: ['tank/a', 'tank/b b'], waitsFor: ['tank/b b'] }]);
    const { plan } = auditThrough(host.door(), []);
    expect(plan.steps.find(({ title }) => title === 'export pool tank')?.ops).toMatchObject([
      { argv: ['zfs', 'unload-key', 'tank/a'] },
      { argv: ['zpool', 'export', 'tank'] },
    ]);
  });
});

describe('what zpool and zfs print', () => {
  it('is read for pools with groups, logs and caches; a pool without devices was not understood', () => {
    const text = 'a\t1G\n\tmirror-0\t960M\n\t/dev/dm-0\t-\n\t/dev/dm-1\t-\nlogs\t-\n\t/dev/sda1\t-\nb\t1G\n\t/srv/a file\t-\n\tspare\t-\n';
    expect([...parseShape(text)]).toEqual([
      ['a', ['/dev/dm-0', '/dev/dm-1']],
      ['logs', ['/dev/sda1']],
      ['b', ['/srv/a file']],
    ]);
    expect([...parseShape('no pools available\n')]).toEqual([]);
  });

  it('is not taken for a key where it is garbled', () => {
    expect(parseKeys('x\ny\tencryptionroot\nz\tencryptionroot\tz\n')).toEqual([{ dataset: 'z', isLoaded: false, location: '' }]);
  });
});
