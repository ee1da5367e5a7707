import type { Finding } from '../model/finding.ts';
import type { CrypttabEntry, Sources } from '../model/sources.ts';
import { storageOf } from '../plan/storage.ts';
import { pathAndParents } from '../sources/places.ts';
import type { Topology } from '../topology/graph.ts';

/** cryptsetup-initramfs copies the key files that match KEYFILE_PATTERN into the initramfs (Debian: cryptsetup, README.initramfs). */
const CONF_HOOK = '/etc/cryptsetup-initramfs/conf-hook';

/** Key files that others on this host can read, and those that whoever has the disk can. */
export function keyFileFindings(src: Sources, graph: Topology): Finding[] {
  const isEncrypted = (path: string) => {
    const mount = src.mountHolding(path);
    return mount === undefined || storageOf(mount.id, graph).some((node) => node.kind === 'crypt');
  };
  const files = src.crypttab.filter(({ key }) => key?.startsWith('/') && !/^\/(dev|run|proc)\//.test(key) && !key.includes(':'));
  const inTheClear = files.filter(({ key }) => !isEncrypted(key as string)).map(plainFile);
  const open = files.filter(({ key }) => isReadableByOthers(key as string, src)).map(readable);
  return [...open, ...inTheClear, ...initramfsFindings(files, src, isEncrypted('/boot/initrd.img'))];
}

/** A folder that others cannot enter protects what is in it, whatever its own bits say. */
function isReadableByOthers(path: string, { door }: Sources): boolean {
  const [file = path, ...folders] = pathAndParents(path);
  return may(door.mode(file), 0o004) && folders.every((folder) => may(door.mode(folder), 0o001));
}

function may(mode: number | undefined, bit: number): boolean {
  return mode !== undefined && (mode & bit) !== 0;
}

function readable({ name, key }: CrypttabEntry): Finding {
  return {
    code: 'key-file-readable',
    severity: 'warning',
    text: `the key of ${name} is ${key}, which everybody on this host can read`,
    fix: `chmod 0400 ${key}, and give ${name} a new key: luksAddKey, then luksRemoveKey (cryptsetup(8))`,
  };
}

function plainFile({ name, key }: CrypttabEntry): Finding {
  return {
    code: 'key-file-in-the-clear',
    severity: 'warning',
    text: `the key of ${name} is ${key}, on a file system that is not encrypted: whoever has that disk opens this one`,
    fix: 'move it to an encrypted file system, or use a passphrase',
  };
}

function initramfsFindings(files: readonly CrypttabEntry[], src: Sources, isBootEncrypted: boolean): Finding[] {
  const pattern = /^\s*KEYFILE_PATTERN=["']?([^"'\n]+)/m.exec(src.door.text(CONF_HOOK) ?? '')?.[1]?.trim();
  const copied = files.filter(({ options }) => options.includes('initramfs'));
  if (!pattern || copied.length === 0 || isBootEncrypted) return [];
  return [
    {
      code: 'key-file-in-initramfs',
      severity: 'warning',
      text: `key files that match ${pattern} are copied into the initramfs, and /boot is not encrypted: whoever has that disk may have the key of ${copied.map(({ name }) => name).join(', ')}`,
      fix: `leave KEYFILE_PATTERN empty in ${CONF_HOOK} and update-initramfs -u, or encrypt /boot`,
    },
  ];
}
