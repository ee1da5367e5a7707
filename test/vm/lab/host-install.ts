import { linkSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa, execaSync } from 'execa';
import type { BootedHost } from './booted-hosts.ts';
import { workFolder } from './folder.ts';
import { type Installed, makeInitramfs, takeKernel, withUuids, writeHostFiles } from './host-files.ts';
import { bootGuest, type Guest } from './uml.ts';

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
    const kernel = takeKernel(tree, out.kernel);
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

function letter(n: number): string {
  return 'abcdefgh'.charAt(n);
}
