import { copyFileSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaSync } from 'execa';
import { makeUntouched } from '../residue/untouched.ts';
import type { BootedHostName } from './booted-hosts.ts';
import { workFolder } from './folder.ts';
import { ensureHostImage, type HostImage } from './host-image.ts';
import { overlay } from './overlay.ts';
import { type Port, portOf } from './port.ts';
import { goOn, OVMF_VARIABLES, plugDisk, type Qemu, type QemuEvent, saveState, startQemu } from './qemu.ts';
import { type Console, type ConsoleLine, listen } from './serial.ts';
import type { Answer } from './uml.ts';

export const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
/** What of the project goes to /usr/lib/uninitramfs of a host. */
export const PARTS = ['dist', 'shutdown-hooks', 'systemd'];

export interface MachineOptions {
  /** The guest's memory is to be a file that can be read while it runs and after it ended. */
  readonly ram?: boolean;
  /** Megabytes. With this or kernelArgs the host boots from nothing (half a minute) instead of going on from its saved state (a second). */
  readonly memory?: number;
  readonly kernelArgs?: string;
  /** qcow2 files of another machine that is off: further disks of this one. It boots from nothing as well then. */
  readonly more?: readonly string[];
  /** It is started by EFI firmware, whose variables stay with the disks. It boots from nothing, too. */
  readonly efi?: boolean;
  /** Further arguments of QEMU, with the same price. */
  readonly devices?: readonly string[];
  /** What to go on from instead, of a machine that was kept. */
  readonly from?: HostImage | undefined;
  readonly say?: (line: string) => void;
}

/** A booted reference host, with Debian's own kernel, initramfs and systemd. */
export interface Machine {
  /** Runs a script with sh as root and hands back whatever it did. */
  try(script: string, seconds?: number, input?: Buffer): Promise<Answer>;
  /** Runs a script with sh -eu. @throws Error with its output when it fails. */
  run(script: string, seconds?: number, input?: Buffer): Promise<string>;
  /** Puts the project as it is built now into the host. */
  install(): Promise<void>;
  /** All that was printed on the serial console so far. */
  console(): string;
  /** The ended lines of it, and when they came. */
  lines(): readonly ConsoleLine[];
  /** Starts a script and waits for the machine to power off, to reset or to panic. It stays as it then is, memory included. */
  end(script: string, seconds?: number): Promise<End>;
  /** Starts a script whose answer may never come, such as systemctl kexec. */
  begin(script: string): void;
  /** Waits for the agent of the next boot; a machine that ended with a reset is let go on. */
  again(seconds?: number): Promise<void>;
  /** Saves it as it is and ends QEMU: others can go on from there, as long as this process lives. */
  keep(): Promise<HostImage>;
  /** Ends QEMU and leaves the disks to be examined or booted. */
  off(): Promise<void>;
  /** Ends QEMU and leaves nothing. */
  stop(): Promise<void>;
  /** Plugs in an empty disk of so many megabytes, which is examined with the others. @returns its path in the guest. */
  plug(megabytes: number): Promise<string>;
  /** Nobody reads the serial console any more, or again: what is not read holds up who writes. */
  deaf(isDeaf: boolean): void;
  /** Where its disks are: sda.qcow2, sdb.qcow2, … */
  readonly folder: string;
  /** The file that is its memory, when asked for. */
  readonly ram?: string;
}

interface End {
  /** QEMU's word for it (guest-shutdown, guest-reset, …), or guest-panic. */
  readonly reason: string;
  readonly seconds: number;
}

/** A host that is up and idle, on disks of its own. */
export async function startMachine(name: BootedHostName, options: MachineOptions = {}): Promise<Machine> {
  const image = options.from ?? (await imageOf(name, options));
  const folder = workFolder();
  const { memory, kernelArgs, devices, more } = options;
  const isCold = [memory, kernelArgs, devices, more].some((each) => each !== undefined) || options.efi === true;
  const bases = isCold ? image.installed : image.booted;
  for (const [n, disk] of disksIn(folder, image).entries()) await overlay(bases[n] ?? '', disk);
  if (options.efi) copyFileSync(OVMF_VARIABLES, variablesIn(folder));
  return start(image, folder, options, isCold ? undefined : image.state);
}

/** Builds what startMachine needs, where that takes minutes, so that a test's own bound is for the test. */
export async function prepareMachine(name: BootedHostName): Promise<void> {
  await imageOf(name, {});
}

/** How long that may take from nothing, in milliseconds: Debian's packages, a host's disks, its first boot. */
export const PREPARATION_MS = 1_200_000;

/** A boot takes one minute, or two where others want the processor too; an initramfs that waits longer than this waits for ever. */
const BOOT_SECONDS = 180;

/**
 * Boots the disks of a machine that is off, as the next power-on would. The disks stay as they are, what is written goes to others: so a
 * boot that hangs can be tried once more from the very same state, and a state that cannot boot fails twice.
 */
export async function bootMachine(name: BootedHostName, folder: string, options: MachineOptions = {}): Promise<Machine> {
  const image = await imageOf(name, options);
  const attempt = async (): Promise<Machine> => {
    const next = workFolder();
    for (const [n, disk] of disksIn(next, image).entries()) await overlay(disksIn(folder, image)[n] ?? '', disk);
    if (options.efi) copyFileSync(variablesIn(folder), variablesIn(next));
    const machine = await start(image, next, options, undefined, BOOT_SECONDS);
    const stop = async (): Promise<void> => {
      await machine.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    return { ...machine, stop };
  };
  try {
    return await attempt();
  } catch (error) {
    process.stderr.write(`${name} did not boot, and is tried once more: ${error instanceof Error ? error.message : error}\n`);
    return attempt();
  }
}

/** What a machine's disks are called in its folder. */
export function disksIn(folder: string, image: Pick<HostImage, 'booted'>): string[] {
  return image.booted.map((_, n) => join(folder, `sd${'abcdefgh'[n]}.qcow2`));
}

function variablesIn(folder: string): string {
  return join(folder, 'variables.fd');
}

function imageOf(name: BootedHostName, options: MachineOptions): Promise<HostImage> {
  return ensureHostImage(name, options.say ?? ((line) => process.stderr.write(`${line}\n`)));
}

async function start(image: HostImage, folder: string, options: MachineOptions, state: string | undefined, seconds = 420): Promise<Machine> {
  const sockets = mkdtempSync(join(folder, 'run-'));
  const ram = options.ram ? join(sockets, 'ram') : undefined;
  if (ram !== undefined && state === undefined) makeUntouched(ram, options.memory ?? image.megabytes);
  const disks = [...disksIn(folder, image), ...(options.more ?? [])];
  const append = [image.append, options.kernelArgs ?? ''].join(' ').trim();
  const qemu = await startQemu({
    ...image,
    append,
    megabytes: options.memory ?? image.megabytes,
    folder: sockets,
    disks,
    ram,
    state,
    devices: options.devices,
    variables: options.efi ? variablesIn(folder) : undefined,
  });
  const console = listen(qemu.serial);
  const port = portOf(qemu.port, qemu.gone, () => told(console));
  const machine = machineOf(qemu, console, port, folder, ram, image);
  try {
    if (state === undefined) await port.ready(seconds);
    else await machine.run('true', 60);
    return machine;
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

function machineOf(qemu: Qemu, console: Console, port: Port, folder: string, ram: string | undefined, image: HostImage): Machine {
  let ended: string | undefined;
  const attempt = (script: string, seconds = 120, input?: Buffer): Promise<Answer> => port.answer(port.send(script, input), seconds);
  const run = async (script: string, seconds?: number, input?: Buffer): Promise<string> => {
    const answer = await attempt(`set -eu\n${script}`, seconds, input);
    if (answer.code === 0) return answer.out;
    throw new Error(
      `exit ${answer.code} from the machine:\n${script.slice(0, 400)}\n--- output\n${answer.out.slice(-3000)}\n--- errors\n${answer.err.slice(-3000)}`,
    );
  };
  const off = async (): Promise<void> => {
    // A plain kill would lose what qcow2 has not written of its own tables.
    await Promise.race([qemu.monitor('quit').catch(() => undefined), qemu.gone]);
    await qemu.gone;
  };
  return {
    folder,
    ...(ram === undefined ? {} : { ram }),
    console: console.text,
    lines: console.lines,
    try: attempt,
    run,
    install: async () => {
      if (!existsSync(join(PROJECT, 'dist/uninitramfs.cjs'))) throw new Error('dist/ is missing: npm run build');
      const parts = PARTS.filter((part) => existsSync(join(PROJECT, part)));
      const tar = execaSync('tar', ['-C', PROJECT, '-c', ...parts], { encoding: 'buffer', timeout: 30_000 }).stdout;
      await run('rm -rf /usr/lib/uninitramfs\nmkdir -p /usr/lib/uninitramfs\ntar -C /usr/lib/uninitramfs -x', 120, Buffer.from(tar));
    },
    begin: (script) => void port.send(script),
    plug: async (megabytes) => {
      const letter = 'abcdefgh'.charAt(readdirSync(folder).filter((file) => /^sd.\.qcow2$/.test(file)).length);
      const file = join(folder, `sd${letter}.qcow2`);
      execaSync('qemu-img', ['create', '-q', '-f', 'qcow2', file, `${megabytes}M`], { timeout: 30_000 });
      await plugDisk(qemu, `plugged-${letter}`, file);
      const path = `/dev/disk/by-id/scsi-0QEMU_QEMU_HARDDISK_plugged-${letter}`;
      await run(`until [ -b ${path} ]; do sleep 0.1; done\nudevadm settle`, 60);
      return path;
    },
    deaf: (isDeaf) => void (isDeaf ? qemu.serial.pause() : qemu.serial.resume()),
    end: async (script, seconds = 240) => {
      const from = console.text().length;
      const began = performance.now();
      console.attach();
      const event = nextEnd(qemu, seconds, () => told(console));
      port.send(script);
      const reason = (await event).data?.reason ?? 'unknown';
      ended = console.text().slice(from).includes('Kernel panic') ? 'guest-panic' : reason;
      return { reason: ended, seconds: (performance.now() - began) / 1000 };
    },
    again: async (seconds = 420) => {
      const isUp = () => port.ready(seconds);
      if (ended === undefined) await isUp();
      else await goOn(qemu, isUp);
      ended = undefined;
    },
    keep: async () => {
      const state = join(folder, 'state');
      await saveState(qemu, state);
      return { ...image, booted: disksIn(folder, image), state };
    },
    off,
    stop: async () => {
      await qemu.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The end of what a console said, without systemd's moving picture of what it waits for. */
function told(console: Console): string {
  const lines = console.text().split(/[\r\n]+/);
  return lines
    .filter((line) => !/Job \S+ running \(/.test(line) || line === lines.at(-1))
    .join('\n')
    .slice(-6000);
}

function nextEnd(qemu: Qemu, seconds: number, trouble: () => string): Promise<QemuEvent> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the machine did not end within ${seconds} s:\n${trouble()}`)), seconds * 1000);
    qemu.onEvent((event) => {
      if (event.event !== 'SHUTDOWN') return;
      clearTimeout(timer);
      resolve(event);
    });
    void qemu.gone.then(() => {
      clearTimeout(timer);
      reject(new Error(`QEMU ended:\n${trouble()}`));
    });
  });
}
