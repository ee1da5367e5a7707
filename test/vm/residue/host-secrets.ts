import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa, execaSync } from 'execa';
import { workFolder } from '../lab/folder.ts';
import type { HostImage } from '../lab/host-image.ts';
import { PASSPHRASE } from '../lab/serial.ts';
import { type Luks, luksOn, plaintextOf, volumeKeyOf } from './luks.ts';
import type { Secrets } from './needles.ts';

export type HostSecrets = Pick<Secrets, 'volumeKeys' | 'keyFiles' | 'passphrases'>;

/** No file system that holds key files is larger. */
const KEYS_FS_BYTES = 16 << 20;
/** As much of a raw device is a key, where one is. */
const RAW_KEY_BYTES = 4096;

/**
 * What a host was built with, read from its disks as they were installed: no guest is asked, so that none has to hold what it would not
 * hold anyway. Where a key opens a small ext4 with key files, or a device that is a key,
 * these open the rest.
 */
export async function hostSecrets(image: HostImage): Promise<HostSecrets> {
  return withLuks(image, (devices, work) => openAll(devices, join(work, 'keys.ext4')));
}

/** Hands on the LUKS devices of a host's disks as they were installed, and a folder to work in, which is gone afterwards. */
export async function withLuks<T>({ installed }: HostImage, use: (devices: readonly Luks[], work: string) => T): Promise<T> {
  const work = workFolder();
  const fds: number[] = [];
  try {
    for (const [n, disk] of installed.entries()) {
      const raw = join(work, `${n}.raw`);
      await execa('qemu-img', ['convert', '-U', '-O', 'raw', disk, raw], { timeout: 120_000 });
      fds.push(openSync(raw, 'r'));
    }
    return use(fds.flatMap(luksOn), work);
  } finally {
    for (const fd of fds) closeSync(fd);
    rmSync(work, { recursive: true, force: true });
  }
}

function openAll(devices: readonly Luks[], scratch: string): HostSecrets {
  const passphrase = Buffer.from(PASSPHRASE);
  const volumeKeys = new Map<Luks, Buffer>();
  const useful: Buffer[] = [];
  const tried: Buffer[] = [passphrase];
  for (let secret = tried.shift(); secret !== undefined; secret = tried.shift())
    for (const luks of devices.filter((each) => !volumeKeys.has(each))) {
      const key = volumeKeyOf(luks, secret);
      if (key === undefined) continue;
      volumeKeys.set(luks, key);
      if (!useful.some((known) => known.equals(secret))) useful.push(secret);
      tried.push(...filesIn(luks, key, scratch), plaintextOf(luks, key, RAW_KEY_BYTES));
    }
  const closed = devices.filter((each) => !volumeKeys.has(each));
  if (devices.length === 0 || closed.length > 0) throw new Error(`no secret of the host opens ${closed.map(({ uuid }) => uuid).join(', ') || 'anything'}`);
  return { volumeKeys: [...volumeKeys.values()], keyFiles: useful.filter((secret) => secret !== passphrase), passphrases: [passphrase] };
}

/** The key files at the top of a small ext4, if that is what is encrypted. */
function filesIn(luks: Luks, key: Buffer, scratch: string): Buffer[] {
  const superblock = plaintextOf(luks, key, 4096).subarray(1024);
  const bytes = superblock.readUInt32LE(4) * (1024 << superblock.readUInt32LE(24));
  if (superblock.readUInt16LE(56) !== 0xef53 || bytes > KEYS_FS_BYTES) return [];
  writeFileSync(scratch, plaintextOf(luks, key, bytes), { mode: 0o600 });
  const debugfs = (request: string) => execaSync('debugfs', ['-R', request, scratch], { timeout: 30_000 }).stdout;
  const names = debugfs('ls -p /')
    .split('\n')
    .flatMap((line) => line.split('/')[5] ?? [])
    .filter((name) => name.endsWith('.key'));
  return names.map((name) => {
    debugfs(`dump /${name} ${scratch}.file`);
    return readFileSync(`${scratch}.file`);
  });
}
