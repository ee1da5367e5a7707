import { FakeHost } from '../unit/support/fake-host.ts';
import { type Tree, treeFrom } from './tree.ts';

/** A host with something of every layer, so that each reader has something to be garbled. */
export function everyLayer(): Tree {
  const host = new FakeHost('everything');
  const disks = Array.from({ length: 8 }, () => host.disk());
  const [root = '', data = '', ...more] = disks;
  host.mount([host.crypt(root, 'root')], '/');
  for (const kind of ['proc', 'sysfs', 'tmpfs']) host.mount([], { proc: '/proc', sysfs: '/sys', tmpfs: '/run' }[kind] as string, kind);
  const md = host.md(more.slice(0, 2), 'raid1');
  const real = host.lvPart([host.crypt(md, 'pv')], 'vg-a', 'home', 'real');
  host.mount([host.lv([real], 'vg-a', 'home')], '/home');
  host.lv([real, host.lvPart([md], 'vg-a', 'snap', 'cow')], 'vg-a', 'snap');
  host.mount([host.partition(data, 1)], '/srv');
  host.swap(host.partition(data, 2));
  host.swapFile('/srv/swap file', 'mount:/srv');
  host.mount([host.loop('/srv/an image', 'mount:/srv')], '/srv/image');
  host.mount([host.loop('/srv/gone (deleted)', 'mount:/srv')], '/srv/gone');
  host.mount(more.slice(2, 4), '/pool', 'btrfs');
  host.mount(more.slice(2, 4), '/pool', 'btrfs');
  host.mount([], '/over', 'overlay');
  host.mount([], '/auto', 'autofs');
  host.mount([], '/fuse', 'fuse.sshfs');
  const bcache = host.block('bcache0', [more[4] ?? '']);
  host.links.set(`/sys/block/${bcache}/bcache/cache`, '../../../../fs/bcache/11111111-2222');
  host.links.set('/sys/fs/bcache/11111111-2222/cache0', `../../../block/${more[5]}/bcache`);
  host.mount([bcache], '/cached');
  lateLayers(host);
  for (const [path, text] of Object.entries(FILES)) host.files.set(path, text);
  for (const [path, to] of Object.entries(LINKS)) host.links.set(path, to);
  const files = host.allFiles();
  const mounts = files.get('/proc/self/mountinfo') ?? '';
  files.set('/proc/self/mountinfo', mounts.replace('overlay rw', `overlay rw,${LAYERS}`).replace('autofs rw', 'autofs rw,fd=5,pgrp=1,timeout=0'));
  return treeFrom(files, host.links);
}

/** After all others, so that these keep the numbers that the corpus knows them by. */
function lateLayers(host: FakeHost): void {
  const san = host.multipath([host.disk(), host.disk()], 'san a', 'FF');
  host.mount([host.mapping([san], 'san a-part1', 'part1-mpath-3600')], '/san');
  for (const what of ['status', 'table'])
    host.files.set(`/run/uninitramfs/answers/dmsetup ${what} --target multipath --manglename none`, host.answers.get(`dmsetup ${what}`) ?? '');
  host.mount([host.crypt(host.mapping([host.disk()], 'x_dif', 'CRYPT-INTEGRITY-1-x_dif'), 'x'), host.disk()], '/many', 'bcachefs');
  host.mount([host.crypt(host.mapping([host.disk()], 'sums', 'CRYPT-INTEGRITY-2-sums'), 'image', 'VERITY')], '/image', 'squashfs');
  host.mount([host.lv([host.lvPart([host.mapping([host.disk()], 'vdo0', 'VDO-1')], 'vg-v', 'pool', 'vpool')], 'vg-v', 'lv')], '/vdo');
  const pool = `stratis-1-private-${'0'.repeat(32)}`;
  const flex = host.mapping(
    [host.crypt(host.mapping([host.disk()], `${pool}-physical-cache`, `${pool}-physical-cache`), `${pool}-crypt`)],
    `${pool}-flex-mdv`,
    `${pool}-flex-mdv`,
  );
  host.mount([flex], '/stratis');
  host.mount([], '/plain', 'ecryptfs', '/san/folder');
}

const LAYERS = 'lowerdir=/srv/low,upperdir=/home/up,workdir=/home/work';

/** What hosts that were captured do not have. */
export const FILES: Readonly<Record<string, string>> = {
  '/etc/uninitramfs/uninitramfs.toml': '# What is overwritten\nwipe = "memory"\nkeyfile_devices = [\n  "keys",\n]\n',
  '/run/uninitramfs/uninitramfs.toml.d/10-once.toml': 'wipe = "off"\n',
  '/etc/crypttab': 'root UUID=1 none luks,x-initrd.attach\npv /dev/md0 /srv/key:/dev/disk/by-label/keys luks,noauto\nhome LABEL=x /srv/k.key luks\n',
  '/etc/fstab': 'UUID=1 / ext4 defaults 0 1\nLABEL="x y" /auto ext4 noauto 0 0\n/dev/sda1 /srv\\040x ext4\n',
  '/proc/cmdline': 'root=/dev/mapper/root uninitramfs.wipe=memory init_on_alloc=0\n',
  '/proc/meminfo': 'MemTotal: 1000 kB\nMemAvailable:     10 kB\n',
  '/run/systemd/generator/srv.mount': '[Unit]\nRequiresMountsFor=/home "/srv/a b"\nBindsTo=dev-sda.device\n',
  '/proc/412/comm': 'sshfs\n',
  '/proc/412/cmdline': 'sshfs\0host:\0/fuse\0',
  '/proc/412/cgroup': '0::/system.slice/fuse.service\n',
  '/proc/412/stat': '412 (sshfs) S 1 412 412 0 -1 4194560 1 1\n',
  '/proc/412/maps': '7f00-7f01 r-xp 00000000 08:01 12 /srv/lib.so\n',
  '/proc/412/mountinfo': '20 1 259:1 / / rw - ext4 /dev/sda rw\n',
  '/var/lib/uninitramfs/rehearsal.json':
    '{"schema":1,"date":"2026-01-01T00:00:00Z","phase":"both","ok":true,"verdict":"clean","stack":["disk sda"],"tools":{"lvm":"x"}}\n',
};

const LINKS: Readonly<Record<string, string>> = {
  '/proc/412/cwd': '/srv',
  '/proc/412/root': '/',
  '/proc/412/exe': '/usr/bin/sshfs',
  '/proc/412/fd/3': '/dev/fuse',
  '/proc/412/fd/4': '/srv/archive',
  '/proc/412/ns/mnt': 'mnt:[2]',
  '/proc/self/ns/mnt': 'mnt:[1]',
  '/proc/1/exe': '/usr/lib/systemd/systemd',
};
