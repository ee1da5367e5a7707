import { linkSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa, execaSync } from 'execa';
import { ensureBootTree } from './boot-tree.ts';
import { BOOTED_HOSTS, type BootedHost, type BootedHostName } from './booted-hosts.ts';
import { cacheFolder, recipeName } from './cache.ts';
import { workFolder } from './folder.ts';
import { madeOnce } from './once.ts';
import { portOf } from './port.ts';
import { saveState, startQemu } from './qemu.ts';
import { listen } from './serial.ts';
import { bootGuest, type Guest } from './uml.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const HOSTS = fileURLToPath(new URL('../hosts', import.meta.url));
const MEGABYTES = 1024;

/** A host that was installed, booted once, and saved when it was idle. */
export interface HostImage {
  readonly kernel: string;
  readonly initrd: string;
  readonly append: string;
  readonly megabytes: number;
  /** As installed, never booted: for a boot of one's own. */
  readonly installed: readonly string[];
  /** As they were when the state was saved. */
  readonly booted: readonly string[];
  readonly state: string;
}

/** Builds a host's disks with User Mode Linux, boots them once in QEMU, and keeps both in the cache folder. */
export async function ensureHostImage(name: BootedHostName, say: (line: string) => void): Promise<HostImage> {
  const host: BootedHost = BOOTED_HOSTS[name];
  const tree = await ensureBootTree(host.suite, say);
  const folder = join(cacheFolder(), `host-${name}-${recipeName(tree, JSON.stringify(host), ...ingredients(host))}`);
  await madeOnce(folder, async () => {
    for (const old of readdirSync(cacheFolder()).filter((file) => isOther(file, name, folder)))
      rmSync(join(cacheFolder(), old), { recursive: true, force: true });
    say(`building the host ${name} (about two minutes, once) in ${folder}`);
    const making = `${folder}.making`;
    rmSync(making, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(making);
    await install(name, host, tree, making);
    renameSync(making, folder);
    say(`  ${name} is installed; booting it`);
    await bootOnce(imageIn(folder, host));
  });
  return imageIn(folder, host);
}

function imageIn(folder: string, host: BootedHost): HostImage {
  const disks = (kind: string) => host.disks.map((_, n) => join(folder, `${kind}-${diskName(n)}.qcow2`));
  return {
    kernel: join(folder, 'vmlinuz'),
    initrd: join(folder, 'initrd'),
    // A panic ends the guest; the others only cost time in an emulated processor.
    append: `root=${host.root} ${host.kernelArgs ?? ''} ro console=ttyS0 panic=-1 mitigations=off cryptomgr.notests no_timer_check modprobe.blacklist=kvm_amd,kvm systemd.show_status=1`,
    megabytes: MEGABYTES,
    installed: disks('installed'),
    booted: disks('booted'),
    state: join(folder, 'state'),
  };
}

/** All that decides what an image is: another QEMU cannot be trusted with a saved state either. */
function ingredients(host: BootedHost): string[] {
  const read = (folder: string, files: readonly string[]) => files.map((file) => readFileSync(join(folder, file), 'utf8'));
  const booted = join(HERE, 'booted');
  return [
    execaSync('qemu-system-x86_64', ['--version'], { timeout: 30_000 }).stdout,
    ...read(booted, readdirSync(booted).sort()),
    ...read(HERE, ['host-image.ts', 'qemu.ts']),
    ...read(HOSTS, ['lib.sh', `${host.recipe}.sh`]),
  ];
}

function isOther(file: string, name: string, folder: string): boolean {
  return new RegExp(`^host-${name}-[0-9a-f]{12}(\\.|$)`).test(file) && !join(cacheFolder(), file).startsWith(folder);
}

function diskName(n: number): string {
  return `sd${'abcdefgh'[n]}`;
}

async function install(name: string, host: BootedHost, tree: string, folder: string): Promise<void> {
  const work = workFolder();
  let guest: Guest | undefined;
  try {
    guest = await bootGuest({
      hostname: name.replace(/\W/g, '-'),
      memory: '3G',
      prepare: (share) => {
        execaSync('tar', ['-C', tree, '-cf', join(share, 'tree.tar'), '.'], { timeout: 120_000 });
        return host.disks.map((megabytes, n) => {
          const file = join(work, `${diskName(n)}.raw`);
          writeFileSync(file, '');
          truncateSync(file, megabytes * 1024 * 1024);
          linkSync(file, join(share, `${diskName(n)}.raw`));
          return `ubd${'abcdefgh'[n]}=/lab/${diskName(n)}.raw`;
        });
      },
    });
    const settings = Object.entries(host.settings).map(([key, value]) => `${key}='${value}'`);
    const use = `${settings.join('\n')}\n. /lab/hosts/${host.recipe}.sh`;
    const into = host.into ?? '';
    await guest.run(`${use}\nbuild\ntar -C "$T${into}" -xf /lab/tree.tar\n${host.after ?? ''}`, 300);
    const files = join(work, 'files');
    await writeHostFiles(name, await withUuids(host, guest), tree, files, await guest.run('mdadm --detail --scan'));
    await makeInitramfs(tree, files, join(folder, 'initrd'));
    const [kernel] = readdirSync(join(tree, 'boot')).filter((file) => file.startsWith('vmlinuz-'));
    if (kernel === undefined) throw new Error(`no kernel in ${tree}/boot`);
    execaSync('cp', [join(tree, 'boot', kernel), join(folder, 'vmlinuz')], { timeout: 60_000 });
    mkdirSync(join(files, 'boot'));
    execaSync('cp', [join(folder, 'initrd'), join(files, 'boot', kernel.replace('vmlinuz', 'initrd.img'))], { timeout: 60_000 });
    execaSync('tar', ['-C', files, '-cf', join(guest.share, 'files.tar'), '.'], { timeout: 60_000 });
    await guest.run(`${use}\ntar -C "$T${into}" -xf /lab/files.tar\n${into === '' ? '' : `cp "$T${into}"/boot/* "$T/boot/"`}\nshut\nsync`, 180);
  } finally {
    await guest?.stop();
  }
  for (const [n, file] of imageIn(folder, host).installed.entries())
    await execa('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', join(work, `${diskName(n)}.raw`), file], { timeout: 120_000 });
  rmSync(work, { recursive: true, force: true });
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

async function bootOnce(image: HostImage): Promise<void> {
  const work = workFolder();
  for (const [n, disk] of image.booted.entries()) await overlay(image.installed[n] ?? '', disk);
  const qemu = await startQemu({ ...image, folder: work, disks: image.booted, state: undefined });
  try {
    const console = listen(qemu.serial);
    const port = portOf(qemu.port, qemu.gone, () => console.text().slice(-3000));
    await port.ready(420);
    const idle = await port.answer(port.send('systemctl is-system-running --wait; systemctl --failed --no-legend; udevadm settle; sync'), 300);
    if (!idle.out.startsWith('running')) throw new Error(`the host did not come up well: ${idle.out}\n${console.text().slice(-3000)}`);
    await saveState(qemu, image.state);
  } finally {
    await qemu.kill();
    rmSync(work, { recursive: true, force: true });
  }
}

/** A qcow2 that holds only what differs from another. */
export async function overlay(base: string, file: string): Promise<void> {
  await execa('qemu-img', ['create', '-q', '-f', 'qcow2', '-F', 'qcow2', '-b', base, file], { timeout: 30_000 });
}
