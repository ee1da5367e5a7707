import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a guest is started from. */
export interface QemuOptions {
  /** Where its sockets go. */
  readonly folder: string;
  readonly kernel: string;
  readonly initrd: string;
  readonly append: string;
  /** qcow2 files: sda, sdb, … */
  readonly disks: readonly string[];
  readonly megabytes: number;
  /** It has a network, on which this machine is 10.0.2.2. */
  readonly network?: boolean | undefined;
  /** A file that is to be the guest's memory. */
  readonly ram?: string | undefined;
  /** The file with the variables of EFI firmware, which then starts the kernel. */
  readonly variables?: string | undefined;
  /** A saved state to go on from, instead of a boot. */
  readonly state?: string | undefined;
  /** Further arguments. */
  readonly devices?: readonly string[] | undefined;
}

export interface QemuEvent {
  readonly event: string;
  readonly data?: { readonly reason?: string };
}

/** QEMU's process, its two serial lines and its monitor. */
export interface Qemu {
  readonly serial: Socket;
  readonly port: Socket;
  monitor(execute: string, args?: object): Promise<unknown>;
  onEvent(listener: (event: QemuEvent) => void): void;
  /** Resolves when the process is no more. */
  readonly gone: Promise<void>;
  kill(): Promise<void>;
}

/** No test runs for so long; a guest that does is stuck. */
const LIMIT_MS = 30 * 60_000;

export async function startQemu(options: QemuOptions): Promise<Qemu> {
  // Whatever happens to the process that runs the test, the kernel ends QEMU with it.
  const child = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...machineArguments(options)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      said += chunk;
    });
  const gone = new Promise<void>((resolve) => child.on('exit', () => resolve()));
  const limit = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  limit.unref();
  void gone.then(() => clearTimeout(limit));
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  };
  try {
    const socket = (name: string) => connected(join(options.folder, name), child, () => said);
    const [serial, port, qmp] = [await socket('serial'), await socket('port'), await socket('qmp')];
    const { monitor, onEvent } = await monitorOf(qmp, gone, () => said);
    if (options.state) {
      await monitor('migrate-incoming', { uri: `exec:cat '${options.state}'` });
      await until(monitor, 'query-status', (status) => status !== 'inmigrate');
      await monitor('cont');
    }
    return { serial, port, monitor, onEvent, gone, kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** Stops the guest and writes its state to a file; its disks are the state's other half from then on. */
export async function saveState(qemu: Qemu, file: string): Promise<void> {
  await qemu.monitor('stop');
  await qemu.monitor('migrate-set-parameters', { 'max-bandwidth': 10_000_000_000 });
  await qemu.monitor('migrate', { uri: `exec:cat >'${file}'` });
  const status = await until(qemu.monitor, 'query-migrate', (now) => now === 'completed' || now === 'failed');
  if (status !== 'completed') throw new Error("the guest's state could not be saved");
  await qemu.monitor('quit').catch(() => undefined);
  await qemu.gone;
}

/**
 * Lets a machine that ended with a reset start anew, until the next boot is up. With -no-reboot every reset is an end: the one asked for here,
 * and those that the guest still had under way when it was stopped.
 */
export async function goOn(qemu: Qemu, isUp: () => Promise<void>): Promise<void> {
  await qemu.monitor('set-action', { reboot: 'reset' });
  await qemu.monitor('system_reset');
  await until(qemu.monitor, 'query-status', (status) => status !== 'shutdown');
  await qemu.monitor('cont');
  await isUp();
  await qemu.monitor('set-action', { reboot: 'shutdown' });
}

/** Gives a guest that runs one disk more. @param name a serial number, which udev makes a link of. */
export async function plugDisk(qemu: Qemu, name: string, file: string): Promise<void> {
  await qemu.monitor('blockdev-add', { driver: 'qcow2', 'node-name': name, cache: { 'no-flush': true }, file: { driver: 'file', filename: file } });
  await qemu.monitor('device_add', { driver: 'scsi-hd', bus: 'scsi.0', drive: name, serial: name, id: name });
}

/** For a saved state to be gone on from, these must be what they were. */
export function machineArguments(options: QemuOptions): string[] {
  const memory = options.ram ? `memory-backend-file,mem-path=${options.ram},share=on` : 'memory-backend-ram';
  const disks = options.disks.flatMap((file, n) => [
    '-blockdev',
    `driver=qcow2,node-name=disk${n},discard=unmap,cache.no-flush=on,file.driver=file,file.filename=${file}`,
    '-device',
    `scsi-hd,bus=scsi.0,scsi-id=${n},drive=disk${n},serial=disk${n}`,
  ]);
  const line = (name: string) => [
    '-chardev',
    `socket,id=${name},path=${join(options.folder, name)},server=on,wait=off,logfile=${join(options.folder, name)}.log`,
  ];
  return [
    ...['-nodefaults', '-no-user-config', '-vga', 'none', '-display', 'none', '-no-shutdown', '-no-reboot'],
    ...['-machine', 'q35,memory-backend=m0', '-accel', 'tcg,tb-size=512', '-cpu', 'max', '-smp', '1'],
    ...['-m', `${options.megabytes}M`, '-object', `${memory},id=m0,size=${options.megabytes}M`],
    ...['-kernel', options.kernel, '-initrd', options.initrd, '-append', options.append],
    ...['-device', 'virtio-scsi-pci,id=scsi', ...disks],
    ...(options.network ? ['-netdev', 'user,id=net', '-device', 'virtio-net-pci,netdev=net,romfile='] : []),
    ...[...line('serial'), '-serial', 'chardev:serial'],
    ...['-device', 'virtio-serial-pci', ...line('port'), '-device', 'virtserialport,chardev=port,name=lab'],
    ...[...line('qmp'), '-mon', 'chardev=qmp,mode=control'],
    ...(options.variables ? firmware(options.variables) : []),
    ...(options.state ? ['-incoming', 'defer'] : []),
    ...(options.devices ?? []),
  ];
}

/** Debian's package ovmf. */
const OVMF = '/usr/share/OVMF/OVMF_CODE_4M.fd';
export const OVMF_VARIABLES = '/usr/share/OVMF/OVMF_VARS_4M.fd';

function firmware(variables: string): string[] {
  return ['-drive', `if=pflash,unit=0,format=raw,readonly=on,file=${OVMF}`, '-drive', `if=pflash,unit=1,format=raw,file=${variables}`];
}

async function connected(path: string, child: ChildProcess, said: () => string): Promise<Socket> {
  for (let tries = 0; tries < 200; tries++) {
    if (child.exitCode !== null) break;
    if (existsSync(path)) {
      const socket = connect(path);
      const isOpen = await new Promise<boolean>((resolve) => socket.once('connect', () => resolve(true)).once('error', () => resolve(false)));
      if (isOpen) return socket.on('error', () => undefined);
    }
    await sleep(50);
  }
  throw new Error(`QEMU did not start: ${said()}`);
}

interface Reply {
  readonly return?: unknown;
  readonly error?: { readonly desc: string };
}

async function monitorOf(socket: Socket, gone: Promise<void>, said: () => string): Promise<Pick<Qemu, 'monitor' | 'onEvent'>> {
  const listeners: ((event: QemuEvent) => void)[] = [];
  const waiting: { resolve: (value: unknown) => void; reject: (error: Error) => void }[] = [];
  let rest = '';
  socket.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines.filter((each) => each.trim() !== '')) {
      const message = JSON.parse(line) as Reply & Partial<QemuEvent>;
      if (message.event !== undefined) for (const listener of listeners) listener(message as QemuEvent);
      else if (message.error) waiting.shift()?.reject(new Error(`QEMU: ${message.error.desc}`));
      else if ('return' in message) waiting.shift()?.resolve(message.return);
    }
  });
  void gone.then(() => {
    for (const each of waiting) each.reject(new Error(`QEMU ended: ${said()}`));
  });
  const monitor = (execute: string, args: object = {}): Promise<unknown> =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      socket.write(`${JSON.stringify({ execute, arguments: args })}\n`);
    });
  await monitor('qmp_capabilities');
  return { monitor, onEvent: (listener) => void listeners.push(listener) };
}

async function until(monitor: Qemu['monitor'], query: string, done: (status: string) => boolean): Promise<string> {
  for (let tries = 0; tries < 1200; tries++) {
    const { status } = (await monitor(query)) as { status?: string };
    if (status !== undefined && done(status)) return status;
    await sleep(50);
  }
  throw new Error(`QEMU: ${query} came to no end`);
}
