import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { audit, auditThrough } from '../../../src/app/audit.ts';
import { captureEntries } from '../../../src/capture/entries.ts';
import { recordingDoor } from '../../../src/capture/recorder.ts';
import { writeCapture } from '../../../src/capture/write.ts';
import { FakeHost } from '../support/fake-host.ts';

/** A LUKS device that is mounted here on a shared /, and a process with a mount table of its own. */
function host(theirs: string, fstype = 'ext4'): FakeHost {
  const fake = new FakeHost();
  fake.mount([fake.disk()], '/');
  fake.mount([fake.crypt(fake.disk(), 'data')], '/srv', fstype);
  fake.words('/', 'shared:1');
  fake.words('/srv', 'shared:2');
  fake.links.set('/proc/self/ns/mnt', 'mnt:[1]');
  fake.links.set('/proc/42/ns/mnt', 'mnt:[42]');
  fake.links.set('/proc/42/cwd', '/');
  fake.files.set('/proc/42/comm', 'box\n');
  fake.files.set('/proc/42/cgroup', '0::/system.slice/box.service/payload\n');
  fake.files.set('/proc/42/mountinfo', theirs);
  return fake;
}

const told = (fake: FakeHost) =>
  auditThrough(fake.door(), [])
    .report.findings.filter(({ code }) => code === 'mounted-elsewhere')
    .map(({ text }) => text);
const NAMED = '/dev/mapper/data stays open, with all it lies on, while others have it mounted: box (pid 42, box.service; its mount namespace has /data)';

describe('a device that another mount namespace has mounted', () => {
  it.each([
    ['in a container of its own', '9 8 0:99 / / rw - overlay overlay rw\n10 9 259:2 / /data rw - ext4 /dev/dm-0 rw\n'],
    ['on a mount that nothing is passed on to', '9 8 259:0 / / rw - ext4 /dev/sda rw\n10 9 259:2 / /data rw shared:2 - ext4 /dev/dm-0 rw\n'],
    ['on a mount that follows another one', '9 8 259:0 / / rw master:7 - ext4 /dev/sda rw\n10 9 259:2 / /data rw - ext4 /dev/dm-0 rw\n'],
    ['from a folder of it', '9 8 259:0 / / rw master:1 - ext4 /dev/sda rw\n10 9 259:2 /sub /data rw - ext4 /dev/dm-0 rw\n'],
  ])('is named with its process: %s', (_, theirs) => {
    expect(told(host(theirs))).toEqual([NAMED]);
  });

  it.each([
    ['follows what the host does', '9 8 259:0 / / rw shared:5 master:1 - ext4 /dev/sda rw\n10 9 259:2 / /srv rw shared:6 master:2 - ext4 /dev/dm-0 rw\n'],
    ['is a peer of the host', '9 8 259:0 / / rw shared:1 - ext4 /dev/sda rw\n10 9 259:2 / /srv rw shared:2 - ext4 /dev/dm-0 rw\n'],
    ['does not have it', '9 8 259:0 / / rw - ext4 /dev/sda rw\n'],
    ['is garbled', '9 8 nonsense\n'],
  ])('is no finding where that namespace %s', (_, theirs) => {
    expect(told(host(theirs))).toEqual([]);
  });

  it('is found for a member of a btrfs too, which has a number of its own', () => {
    expect(told(host('9 8 0:99 / / rw - overlay overlay rw\n10 9 0:61 / /data rw - btrfs /dev/dm-0 rw\n', 'btrfs'))).toEqual([NAMED]);
  });
});

describe('a capture', () => {
  let folder = '';
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('tells the same, and of that namespace nothing else', async () => {
    folder = mkdtempSync(join(tmpdir(), 'uninitramfs-foreign-'));
    const fake = host('9 8 0:99 / / rw - overlay overlay rw\n10 9 259:2 / /data rw - ext4 /dev/dm-0 rw\n11 9 0:98 / /secret/place rw - tmpfs tmpfs rw\n');
    const recorder = recordingDoor(fake.door());
    const read = auditThrough(recorder.door, []);
    const entries = captureEntries(recorder.entries, read);
    expect(JSON.stringify([...entries])).not.toContain('secret');
    await writeCapture(folder, entries);
    expect(audit(folder, []).report.findings).toEqual(read.report.findings);
  });
});
