import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import type { BootedHost } from './booted-hosts.ts';
import { workFolder } from './folder.ts';
import { bootGuest, type Guest } from './uml.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));

/** Where an installed host goes: Debian's kernel, the host's own initramfs, and its disks. */
interface Installed {
  readonly kernel: string;
  readonly initrd: string;
  readonly installed: readonly string[];
}

/** Lets User Mode Linux build a host's stack by its recipe and fill it with a Debian tree: a fraction of the time QEMU would take. */
export async function installHost(name: string, host: BootedHost, tree: string, out: Installed): Promise<void> {
  const work = workFolder();
  let guest: Guest | undefined;
  try {
    guest = await bootGuest({
      hostname: name.replace(/\W/g, '-'),
      memory: '3G',
      prepare: (share) => {
        execaSync('tar', ['-C', tree, '-cf', join(share, 'tree.tar'), '.'], { timeout: 120_000 });
        return host.disks.map((megabytes, n) => {
          const file = join(work, `sd${letter(n)}.raw`);
          writeFileSync(file, '');
          truncateSync(file, megabytes * 1024 * 1024);
          linkSync(file, join(share, `sd${letter(n)}.raw`));
          return `ubd${letter(n)}=/lab/sd${letter(n)}.raw`;
        });
      },
    });
    const settings = Object.entries(host.settings).map(([key, value]) => `${key}='${value}'`);
    const use = `${settings.join('\n')}\n. /lab/hosts/${host.recipe}.sh`;
    const into = host.into ?? '';
    await guest.run(`${use}\nbuild\ntar -C "$T${into}" -xf /lab/tree.tar\n${host.after ?? ''}`, 300);
    const files = join(work, 'files');
    await writeHostFiles(name, await withUuids(host, guest), tree, files, await guest.run('mdadm --detail --scan'));
    await makeInitramfs(tree, files, out.initrd);
    const [kernel] = readdirSync(join(tree, 'boot')).filter((file) => file.startsWith('vmlinuz-'));
    if (kernel === undefined) throw new Error(`no kernel in ${tree}/boot`);
    execaSync('cp', [join(tree, 'boot', kernel), out.kernel], { timeout: 60_000 });
    mkdirSync(join(files, 'boot'));
    execaSync('cp', [out.initrd, join(files, 'boot', kernel.replace('vmlinuz', 'initrd.img'))], { timeout: 60_000 });
    execaSync('tar', ['-C', files, '-cf', join(guest.share, 'files.tar'), '.'], { timeout: 60_000 });
    await guest.run(`${use}\ntar -C "$T${into}" -xf /lab/files.tar\n${into === '' ? '' : `cp "$T${into}"/boot/* "$T/boot/"`}\nshut\nsync`, 180);
  } finally {
    await guest?.stop();
  }
  for (const [n, file] of out.installed.entries()) await convert(join(work, `sd${letter(n)}.raw`), file);
  rmSync(work, { recursive: true, force: true });
}

/** A killed guest's helpers may hold its disks' locks for a while where the processor is busy. */
const LOCKED_MS = 120_000;

async function convert(from: string, to: string): Promise<void> {
  for (const until = Date.now() + LOCKED_MS; ; await sleep(1000)) {
    try {
      await execa('qemu-img', ['convert', '-U', '-f', 'raw', '-O', 'qcow2', from, to], { timeout: 120_000 });
      return;
    } catch (error) {
      if (!String(error).includes('lock') || Date.now() > until) throw error;
    }
  }
}

/** Puts the UUID of a device wherever a host's definition says {uuid DEVICE}: the order of a machine's disks is not known before. */
async function withUuids(host: BootedHost, guest: Guest): Promise<BootedHost> {
  let text = JSON.stringify(host);
  for (const [mark, device] of text.matchAll(/\{uuid (\S+?)\}/g))
    text = text.replaceAll(mark, `UUID=${(await guest.run(`blkid -p -o value -s UUID ${device}`)).trim()}`);
  return JSON.parse(text) as BootedHost;
}

/** What differs from host to host, and what the lab puts on every one. */
async function writeHostFiles(name: string, host: BootedHost, tree: string, files: string, arrays: string): Promise<void> {
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

async function makeInitramfs(tree: string, files: string, out: string): Promise<void> {
  const work = workFolder();
  const script = join(HERE, 'booted/initramfs.sh');
  const made = join(work, 'initrd');
  await execa('unshare', ['--mount', '--propagation', 'private', 'sh', script, tree, files, made], { all: true, timeout: 240_000 });
  execaSync('cp', [made, out], { timeout: 60_000 });
  rmSync(dirname(made), { recursive: true, force: true });
}

function letter(n: number): string {
  return 'abcdefgh'.charAt(n);
}
