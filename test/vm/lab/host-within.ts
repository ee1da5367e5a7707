import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import type { BootedHost } from './booted-hosts.ts';
import { workFolder } from './folder.ts';
import { type Installed, makeInitramfs, takeKernel, withUuids, writeHostFiles } from './host-files.ts';
import { overlay } from './overlay.ts';
import { portOf } from './port.ts';
import { type QemuOptions, startQemu } from './qemu.ts';
import { listen } from './serial.ts';

/** Nothing of its own start or end uses these, and an emulated processor takes a minute to copy them. */
const UNUSED = 'include lib/python3* lib/x86_64-linux-gnu/perl lib/x86_64-linux-gnu/samba share/nodejs/corepack share/perl src'.split(' ');
const HOSTS = fileURLToPath(new URL('../hosts', import.meta.url));

/** The host that builds: how it is booted, and its first disk, as installed. */
export type Builder = Pick<QemuOptions, 'kernel' | 'initrd' | 'append' | 'megabytes'> & { readonly disk: string };

/**
 * Lets another booted host build a host's stack by its recipe, and copy its own root there: for what User Mode Linux has no modules for.
 * Its disks are the builder's second one and so on, which the recipe finds as $DISK1, $DISK2….
 */
export async function installWithin(name: string, host: BootedHost, tree: string, builder: Builder, out: Installed): Promise<void> {
  const work = workFolder();
  const root = join(work, 'builder.qcow2');
  await overlay(builder.disk, root);
  for (const [n, file] of out.installed.entries()) await execa('qemu-img', ['create', '-q', '-f', 'qcow2', file, `${host.disks[n]}M`], { timeout: 30_000 });
  const { kernel, initrd, append, megabytes } = builder;
  const qemu = await startQemu({ kernel, initrd, append, megabytes, folder: work, disks: [root, ...out.installed] });
  try {
    const console = listen(qemu.serial);
    const port = portOf(qemu.port, qemu.gone, () => console.text().slice(-3000));
    await port.ready(420);
    const run = async (script: string, seconds = 60, input?: Buffer): Promise<string> => {
      const { code, out: said, err } = await port.answer(port.send(`set -eu\n${script}`, input), seconds);
      if (code === 0) return said;
      throw new Error(`exit ${code} while ${name} was built:\n${script.slice(0, 300)}\n${`${said}\n${err}`.slice(-3000)}`);
    };
    const tarOf = (folder: string) => execaSync('tar', ['-C', folder, '-c', '.'], { encoding: 'buffer', timeout: 60_000 }).stdout;
    const disks = out.installed.map((_, n) => `DISK${n + 1}=/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_disk${n + 1}`);
    const settings = Object.entries(host.settings).map(([key, value]) => `${key}='${value}'`);
    const use = `${[...disks, ...settings].join('\n')}\n. /lab/hosts/${host.recipe}.sh`;
    await run('mkdir -p /lab/hosts\ntar -C /lab/hosts -x', 60, Buffer.from(tarOf(HOSTS)));
    await run(`${use}\nbuild`, 300);
    const without = ['lab', 'target', ...UNUSED.map((path) => `usr/${path}`)].map((path) => `--exclude='./${path}'`).join(' ');
    await run(`. /lab/hosts/lib.sh\ntar -C / --one-file-system ${without} -c . | tar -C "$T" -x`, 900);
    const files = join(work, 'files');
    await writeHostFiles(name, await withUuids(host, { run }), tree, files, await run('mdadm --detail --scan'));
    await makeInitramfs(tree, files, out.initrd);
    takeKernel(tree, out.kernel);
    await run('. /lab/hosts/lib.sh\ntar -C "$T" -x', 60, Buffer.from(tarOf(files)));
    await run(`${use}\nshut_host\nsync`, 180);
    await qemu.monitor('quit').catch(() => undefined);
    await qemu.gone;
  } finally {
    await qemu.kill();
    rmSync(work, { recursive: true, force: true });
  }
}
