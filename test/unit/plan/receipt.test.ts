import { describe, expect, it } from 'vitest';
import { readGraph } from '../../../src/app/audit.ts';
import { findReceiptPlace } from '../../../src/plan/receipt.ts';
import { FakeHost } from '../support/fake-host.ts';

function rented(): FakeHost {
  const host = new FakeHost();
  const disks = [host.disk(), host.disk()];
  for (const [n, disk] of disks.entries()) host.files.set(`/sys/block/${disk}/diskseq`, `${n + 3}\n`);
  const boot = host.md(
    disks.map((disk) => host.partition(disk, 1)),
    'raid1',
  );
  const root = host.crypt(
    host.md(
      disks.map((disk) => host.partition(disk, 2)),
      'raid0',
    ),
    'cryptroot',
  );
  host.mount([root], '/');
  host.mount([boot], '/boot', 'ext3');
  return host;
}

function placeOf(host: FakeHost, setting: string, hasHelper = true) {
  const { src, graph } = readGraph(host.door());
  const found = findReceiptPlace(setting, src, graph, hasHelper);
  return found.is === 'place' ? found.place : found.is === 'impossible' ? found.why : undefined;
}

describe('the place of a receipt', () => {
  it('is a file on an array in the clear, with what puts it together again', () => {
    expect(placeOf(rented(), '/boot/uninitramfs.receipt')).toMatchObject({
      kind: 'file',
      device: '/dev/md0',
      fstype: 'ext3',
      path: '/uninitramfs.receipt',
      array: { kname: 'md0', metadata: '1.2', members: ['259:2', '259:3'] },
      disks: [
        { file: '/sys/block/sda/diskseq', number: '3' },
        { file: '/sys/block/sdb/diskseq', number: '4' },
      ],
    });
  });

  it('is a file on the root where that is a plain partition', () => {
    const host = new FakeHost();
    host.mount([host.partition(host.disk(), 1)], '/');
    expect(placeOf(host, "/var/lib/it's a receipt")).toEqual({
      kind: 'file',
      device: '/dev/sda1',
      fstype: 'ext4',
      options: ['nosuid', 'nodev', 'noexec'],
      path: "/var/lib/it's a receipt",
      disks: [],
    });
  });

  it('is below the top of a btrfs, whatever subvolume is mounted', () => {
    const host = new FakeHost();
    host.mount([host.partition(host.disk(), 1)], '/', 'btrfs');
    expect(placeOf(host, '/receipt')).toMatchObject({ device: '/dev/sda1', options: ['nosuid', 'nodev', 'noexec', 'subvolid=5'] });
  });

  it.each([
    ['/etc/receipt', /lies on the encrypted \/dev\/mapper\/cryptroot, which is closed by then/],
    ['/srv/receipt', /lies on \/dev\/vg0\/data, which is closed by then/],
    ['/tmp/receipt', /is on \/tmp, a tmpfs, which is no file system on a disk/],
    ['/mnt/loop/receipt', /lies on \/dev\/loop0/],
    ['/mnt/two/receipt', /lies on several devices/],
    ['efi', /was not started by EFI firmware/],
  ])('is not to be had: %s', (setting, why) => {
    const host = rented();
    host.mount([host.lv([host.disk()], 'vg0', 'data')], '/srv');
    host.mount([], '/tmp', 'tmpfs');
    host.mount([host.loop('/boot/image', 'mount:/boot')], '/mnt/loop');
    host.mount([host.disk(), host.disk()], '/mnt/two', 'btrfs');
    expect(placeOf(host, setting)).toMatch(why);
  });

  it('is a variable where the firmware, the kernel and the helper are there', () => {
    const host = rented();
    host.files.set('/sys/firmware/efi/fw_platform_size', '64\n');
    expect(placeOf(host, 'efi')).toMatch(/kernel has no efivarfs/);
    host.files.set('/proc/filesystems', 'nodev\tsysfs\nnodev\tefivarfs\n');
    expect(placeOf(host, 'efi', false)).toMatch(/takes uninitramfs-helper/);
    expect(placeOf(host, 'efi')).toEqual({ kind: 'efi' });
  });

  it('is none unless it is asked for', () => {
    expect(placeOf(rented(), 'off')).toBeUndefined();
  });
});
