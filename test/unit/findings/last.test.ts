import { describe, expect, it } from 'vitest';
import { lastThrough } from '../../../src/app/last.ts';
import { recoverySigns } from '../../../src/findings/recovery.ts';
import { readBootLog } from '../../../src/sources/boot-log.ts';
import { RECEIPT_SEEN } from '../../../src/sources/receipt-seen.ts';
import { FakeHost } from '../support/fake-host.ts';

const AT = '/boot/receipt';
const NOW = '99999999-0000-0000-0000-000000000000';
const ENDED = '11111111-0000-0000-0000-000000000000';

function hostWith(receipt: string | undefined, log: readonly string[] = ['Linux version 6.12.48']): FakeHost {
  const host = new FakeHost();
  if (receipt !== undefined) host.files.set(AT, receipt);
  host.files.set('/proc/sys/kernel/random/boot_id', `${NOW}\n`);
  host.answers.set('journalctl -b', log.map((line) => `${JSON.stringify({ MESSAGE: line })}\n`).join(''));
  return host;
}

const last = (host: FakeHost, setting = AT) => lastThrough(host.door(), setting, () => readBootLog(host.door()));
const written = (more: string) => `uninitramfs=1\nboot=${ENDED}\nseconds=2.14\nwipe=keys\nwiped=yes\n${more}end=1`;

describe('the last shutdown, by its receipt', () => {
  it.each([
    [written(''), 'good', 'everything closed in 2.1 s, keys wiped'],
    [written('').replace('=keys', '=memory').replace('=yes', '=partly'), 'good', 'everything closed in 2.1 s, keys and all free memory wiped in part'],
    [written('').replace('=keys', '=off').replace('=yes', '=no'), 'good', 'everything closed in 2.1 s, nothing wiped, as it was asked for'],
    [written('left=/srv (ext4) is mounted\n'), 'bad', '1 thing left open after 2.1 s: /srv (ext4) is mounted, keys wiped'],
    [written('left=a\nleft=b\nleft=c\nleft_more=4\n'), 'bad', '7 things left open after 2.1 s: a, b, c and 4 more, keys wiped'],
    [`uninitramfs=1\nboot=${ENDED}`, 'unknown', 'the receipt breaks off, and tells of nothing left open'],
  ])('%j', (receipt, mark, text) => {
    // Whatever the log says: another disk may have been attached since.
    expect(last(hostWith(receipt, ['EXT4-fs (sdz): recovery complete']))).toMatchObject({ from: 'receipt', mark, text, signs: [] });
  });

  it('is not that of an earlier shutdown, which another boot has found before', () => {
    const host = hostWith(written(''));
    host.files.set(RECEIPT_SEEN, JSON.stringify({ boot: ENDED, by: NOW }));
    expect(last(host).from).toBe('receipt');
    host.files.set(RECEIPT_SEEN, JSON.stringify({ boot: ENDED, by: '22222222-0000-0000-0000-000000000000' }));
    expect(last(host)).toMatchObject({ from: 'log', mark: 'good', noReceipt: expect.stringContaining('of an earlier shutdown') });
    host.files.set(RECEIPT_SEEN, '{"boot":3');
    expect(last(host).from).toBe('receipt');
  });
});

describe('the last shutdown, judged by the log of this boot', () => {
  it('says where there is no sign, and what that does not tell', () => {
    expect(last(hostWith(undefined))).toMatchObject({
      from: 'log',
      mark: 'good',
      text: 'nothing was replayed or resynced at this boot',
      noReceipt: expect.stringContaining('none was left'),
      unknown: [expect.stringContaining('whether mappings were closed and keys wiped')],
    });
  });

  it('names each sign', () => {
    const signs = ['md/raid1:md0: not clean -- starting background reconstruction', 'md: resync of RAID array md0'];
    expect(last(hostWith(undefined, ['md0: detected capacity change from 0 to 2144337920', ...signs]), 'off')).toMatchObject({
      from: 'log',
      mark: 'bad',
      signs,
    });
  });

  it('reads what fsck put right before the kernel looked, in the initramfs too', () => {
    const host = hostWith(undefined);
    host.files.set('/run/initramfs/fsck.log', '/dev/mapper/vg0-root: recovering journal\n/dev/mapper/vg0-root: clean, 11/640 files\n');
    expect(last(host)).toMatchObject({ mark: 'bad', signs: ['/dev/mapper/vg0-root: recovering journal'] });
  });

  it('knows nothing where the log is not to be read', () => {
    const host = hostWith(undefined);
    host.answers.clear();
    expect(last(host)).toMatchObject({ from: 'nothing', mark: 'unknown' });
    host.answers.set('dmesg', '');
    expect(last(host).from).toBe('nothing');
  });

  it('bears what is no JSON, and messages that are no text', () => {
    const host = hostWith(undefined);
    host.answers.set(
      'journalctl -b',
      `{"MESSAGE":${JSON.stringify([...Buffer.from('XFS (dm-1): Starting recovery (logdev: internal)')])}}\n{"MESSAGE":null}\n[]\ngarbage{\n`,
    );
    expect(last(host).signs).toEqual(['XFS (dm-1): Starting recovery (logdev: internal)']);
  });
});

/** Said by real kernels and checkers. */
describe('a sign of something put right', () => {
  it.each([
    'EXT4-fs (dm-1): INFO: recovery required on readonly filesystem',
    'EXT4-fs (dm-1): write access will be enabled during recovery',
    'EXT4-fs (dm-1): orphan cleanup on readonly fs',
    'EXT4-fs (sda1): 3 orphan inodes deleted',
    'EXT4-fs (sda1): recovery complete',
    'XFS (dm-2): Starting recovery (logdev: internal)',
    'XFS (dm-2): Ending recovery (logdev: internal)',
    'BTRFS info (device dm-0): start tree-log replay',
    'FAT-fs (sda1): Volume was not properly unmounted. Some data may be corrupt. Please run fsck.',
    'md/raid:md2: not clean -- starting background reconstruction',
    'md: resync of RAID array md0',
    'md: kicking non-fresh sdb1 from array!',
    'rescue: recovering journal',
    '/dev/sda1 was not cleanly unmounted, check forced.',
    'Dirty bit is set. Fs was not properly unmounted and some data may be corrupt.',
  ])('%s', (line) => expect(recoverySigns([line])).toEqual([line]));

  it.each([
    'EXT4-fs (sda1): mounted filesystem 8f6b ro with ordered data mode. Quota mode: none.',
    'XFS (dm-2): Ending clean mount',
    'BTRFS info (device dm-0): using crc32c (crc32c-intel) checksum algorithm',
    'md/raid1:md0: active with 2 out of 2 mirrors',
    'md: data-check of RAID array md0',
    '/dev/sda1: clean, 11/640 files, 1201/2560 blocks',
    'systemd[1]: Mounted boot.mount - /boot.',
  ])('is not: %s', (line) => expect(recoverySigns([line])).toEqual([]));
});
