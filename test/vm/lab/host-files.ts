import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import type { BootedHost } from './booted-hosts.ts';
import { workFolder } from './folder.ts';
import type { Guest } from './uml.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Where an installed host goes: Debian's kernel, the host's own initramfs, and its disks. */
export interface Installed {
  readonly kernel: string;
  readonly initrd: string;
  readonly installed: readonly string[];
}

/** Puts the UUID of a device wherever a host's definition says {uuid DEVICE}: the order of a machine's disks is not known before. */
export async function withUuids(host: BootedHost, guest: Pick<Guest, 'run'>): Promise<BootedHost> {
  let text = JSON.stringify(host);
  for (const [mark, device] of text.matchAll(/\{uuid (\S+?)\}/g))
    text = text.replaceAll(mark, `UUID=${(await guest.run(`blkid -p -o value -s UUID ${device}`)).trim()}`);
  return JSON.parse(text) as BootedHost;
}

/** What differs from host to host, and what the lab puts on every one. */
export async function writeHostFiles(name: string, host: BootedHost, tree: string, files: string, arrays: string): Promise<void> {
  for (const folder of ['etc/mdadm', 'etc/systemd/system', 'etc/initramfs-tools', 'usr/lib', 'usr/sbin']) mkdirSync(join(files, folder), { recursive: true });
  writeFileSync(join(files, 'etc/shadow'), readFileSync(join(tree, 'etc/shadow')), { mode: 0o640 });
  writeFileSync(join(files, 'etc/hostname'), `${name}\n`);
  writeFileSync(join(files, 'etc/fstab'), `${host.fstab}\n`);
  writeFileSync(join(files, 'etc/crypttab'), `${host.crypttab}\n`);
  writeFileSync(join(files, 'etc/mdadm/mdadm.conf'), `HOMEHOST <ignore>\nMAILADDR root\n${arrays}`);
  for (const [path, text] of Object.entries(host.files ?? {})) {
    mkdirSync(dirname(join(files, path)), { recursive: true });
    writeFileSync(join(files, path), text, { mode: text.startsWith('#!') ? 0o755 : 0o644 });
  }
  for (const program of ['teardown', 'uninitramfs'])
    writeFileSync(join(files, 'usr/sbin', program), `#!/bin/sh\nexec node /usr/lib/uninitramfs/dist/${program}.cjs "$@"\n`, { mode: 0o755 });
  await execa('sh', [join(HERE, 'booted/install.sh'), files, join(HERE, 'booted/agent.sh')], { timeout: 30_000 });
}

export async function makeInitramfs(tree: string, files: string, out: string): Promise<void> {
  const work = workFolder();
  const script = join(HERE, 'booted/initramfs.sh');
  const made = join(work, 'initrd');
  await execa('unshare', ['--mount', '--propagation', 'private', 'sh', script, tree, files, made], { all: true, timeout: 240_000 });
  execaSync('cp', [made, out], { timeout: 60_000 });
  rmSync(dirname(made), { recursive: true, force: true });
}

/** Copies the kernel of a tree. @returns its name there. */
export function takeKernel(tree: string, out: string): string {
  const [kernel] = readdirSync(join(tree, 'boot')).filter((file) => file.startsWith('vmlinuz-'));
  if (kernel === undefined) throw new Error(`no kernel in ${tree}/boot`);
  execaSync('cp', [join(tree, 'boot', kernel), out], { timeout: 60_000 });
  return kernel;
}
