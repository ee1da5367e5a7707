import { expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
import { FakeHost } from '../support/fake-host.ts';

/** Stacks that containers, images and home directories leave behind: the generic layers close them. */
function hostWithRoot(): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  return host;
}

const titles = (host: FakeHost) => auditThrough(host.door(), []).plan.steps.map(({ title }) => title);

it('thin devices of a docker pool over two loop files, one of them mounted', () => {
  const host = hostWithRoot();
  host.mount([host.disk()], '/var/lib/docker');
  const loops = ['data', 'metadata'].map((file) => host.loop(`/var/lib/docker/devicemapper/devicemapper/${file}`, 'mount:/var/lib/docker'));
  const pool = host.plain(loops, 'docker-253:0-1318-pool');
  host.plain([pool], 'docker-253:0-1318-base');
  host.mount([host.plain([pool], 'docker-253:0-1318-6f0b')], '/var/lib/docker/devicemapper/mnt/6f0b');
  expect(titles(host)).toEqual([
    'unmount /var/lib/docker/devicemapper/mnt/6f0b',
    'remove mapping docker-253:0-1318-6f0b',
    'remove mapping docker-253:0-1318-base',
    'remove mapping docker-253:0-1318-pool',
    'detach loop0 from /var/lib/docker/devicemapper/devicemapper/data',
    'detach loop1 from /var/lib/docker/devicemapper/devicemapper/metadata',
    'unmount /var/lib/docker',
    'unmount /',
  ]);
});

it('thin volumes of LXD, one vgchange for all', () => {
  const host = hostWithRoot();
  const loop = host.loop('/var/lib/lxd/disks/default.img', 'mount:/');
  const pool = host.lvPart([host.lv([loop], 'lxd', 'LXDThinPool_tdata'), host.lv([loop], 'lxd', 'LXDThinPool_tmeta')], 'lxd', 'LXDThinPool', 'tpool');
  host.mount([host.lv([pool], 'lxd', 'containers_web')], '/var/lib/lxd/storage-pools/default/containers/web');
  expect(titles(host)).toEqual([
    'unmount /var/lib/lxd/storage-pools/default/containers/web',
    'deactivate VG lxd (containers_web)',
    'detach loop0 from /var/lib/lxd/disks/default.img',
    'unmount /',
  ]);
});

it('a btrfs of LXD that only its own mount namespace has: the loop device below is named with the process', () => {
  const host = hostWithRoot();
  const loop = host.loop('/var/snap/lxd/common/lxd/disks/default.img', 'mount:/');
  host.links.set(`/sys/fs/btrfs/00000000-0000-0000-0000-000000000001/devices/${loop}`, `../../../../block/${loop}`);
  host.links.set('/proc/self/ns/mnt', 'mnt:[1]');
  host.links.set('/proc/77/ns/mnt', 'mnt:[2]');
  host.files.set('/proc/77/comm', 'lxd\n');
  host.files.set('/proc/77/mountinfo', `5 4 0:71 / /var/snap/lxd/common/lxd/storage-pools/default rw - btrfs /dev/${loop} rw\n`);
  const { findings } = auditThrough(host.door(), []).report;
  expect(findings.map(({ code, text }) => [code, text])).toEqual([
    ['mounted-elsewhere', expect.stringMatching(/^\/dev\/loop0 stays open, .*: lxd \(pid 77; its mount namespace has \/var\/snap\//)],
  ]);
});

it('a home of systemd-homed, a portable service with verity, a container image of nspawn', () => {
  const host = hostWithRoot();
  host.mount([host.disk()], '/home');
  const homed = host.partition(host.loop('/home/ann.home', 'mount:/home'), 1);
  host.mount([host.crypt(homed, 'home-ann')], '/home/ann', 'btrfs');
  const portable = host.loop('/var/lib/portables/app.raw', 'mount:/');
  const verity = host.mapping([host.partition(portable, 1), host.partition(portable, 2)], 'c0ffee-verity', 'CRYPT-VERITY-0123-c0ffee-verity');
  host.mount([verity], '/run/portables/app', 'squashfs');
  host.mount([host.partition(host.loop('/var/lib/machines/box.raw', 'mount:/'), 1)], '/var/lib/machines/box');
  const order = titles(host);
  expect(order.length).toBe(10);
  for (const chain of [
    ['unmount /home/ann', 'close LUKS2 home-ann', 'detach loop0 from /home/ann.home', 'unmount /home', 'unmount /'],
    ['unmount /run/portables/app', 'close verity c0ffee-verity', 'detach loop1 from /var/lib/portables/app.raw', 'unmount /'],
    ['unmount /var/lib/machines/box', 'detach loop2 from /var/lib/machines/box.raw', 'unmount /'],
  ])
    expect(order.filter((title) => chain.includes(title))).toEqual(chain);
});

it('an eCryptfs mount goes before the file system that its files lie on, and over its own folder as well', () => {
  const host = hostWithRoot();
  host.mount([host.crypt(host.disk(), 'enc')], '/srv/enc');
  host.mount([], '/mnt/plain', 'ecryptfs', '/srv/enc/.Private');
  host.mount([], '/srv/enc/inner', 'ecryptfs', '/srv/enc/inner');
  const steps = auditThrough(host.door(), []).plan.steps;
  expect(steps.find(({ title }) => title === 'unmount /srv/enc')?.needs).toEqual(['umount:/mnt/plain', 'umount:/srv/enc/inner']);
});
