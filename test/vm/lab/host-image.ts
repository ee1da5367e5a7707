import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaSync } from 'execa';
import { ensureBootTree } from './boot-tree.ts';
import { BOOTED_HOSTS, type BootedHost, type BootedHostName } from './booted-hosts.ts';
import { cacheFolder, forgetUnused, recipeName } from './cache.ts';
import { workFolder } from './folder.ts';
import { installHost } from './host-install.ts';
import { installWithin } from './host-within.ts';
import { madeOnce } from './once.ts';
import { overlay } from './overlay.ts';
import { portOf } from './port.ts';
import { machineArguments, saveState, startQemu } from './qemu.ts';
import { listen } from './serial.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const HOSTS = fileURLToPath(new URL('../hosts', import.meta.url));
const MEGABYTES = 1024;

/** A host that was installed, booted once, and saved when it was idle. */
export interface HostImage {
  readonly kernel: string;
  readonly initrd: string;
  readonly append: string;
  readonly megabytes: number;
  readonly network: boolean;
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
  const within = host.within === undefined ? undefined : await ensureHostImage(host.within as BootedHostName, say);
  const folder = join(cacheFolder(), `host-${name}-${recipeName(tree, JSON.stringify(host), within?.kernel ?? '', ...ingredients(host))}`);
  await madeOnce(folder, async () => {
    forgetUnused(`host-${name}-`);
    say(`building the host ${name} (about two minutes, once) in ${folder}`);
    const making = `${folder}.making`;
    rmSync(making, { recursive: true, force: true });
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(making);
    const place = imageIn(making, host);
    if (within) await installWithin(name, host, tree, { ...within, disk: within.installed[0] ?? '' }, place);
    else await installHost(name, host, tree, place);
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
    network: host.network ?? false,
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
    ...read(HERE, ['host-files.ts', host.within === undefined ? 'host-install.ts' : 'host-within.ts']),
    ...machineArguments({ ...imageIn('', host), folder: '', disks: host.disks.map(String) }),
    ...read(HOSTS, ['lib.sh', `${host.recipe}.sh`]),
  ];
}

function diskName(n: number): string {
  return `sd${'abcdefgh'[n]}`;
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
