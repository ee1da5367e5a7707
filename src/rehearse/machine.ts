import { spawn } from 'node:child_process';
import { accessSync, chmodSync, constants, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';
import { attach } from './attach.ts';
import { SHELL_FILES } from './files.ts';
import type { Guest } from './guest.ts';

const MODULES = ['dm-mod', 'dm-crypt', 'loop'];
const KERNEL = 'linux.uml';

export interface MachineOptions {
  /** A Debian tree to boot over, entered by chroot (which takes root). Absent: this machine's own root, as any user. */
  readonly tree?: string | undefined;
  readonly hostname?: string;
  readonly memory?: string;
  readonly modules?: readonly string[];
  /** Files that are its disks, ubda first. */
  readonly disks?: readonly string[];
  /** With systemd as PID 1 instead of the agent alone. */
  readonly systemd?: boolean;
  /** Without udev, which puts arrays together by itself and takes its time about everything. */
  readonly noUdev?: boolean;
  /** With the kernel's own words on the console, such as those about an array that was stopped. */
  readonly kernelTalks?: boolean;
  /** Puts more files into the folder that the guest, and a kernel inside a tree, see as /lab. @returns more arguments for the kernel. */
  readonly prepare?: (share: string) => readonly string[];
}

/**
 * Boots User Mode Linux over a tree that it only reads: about two seconds, no image, nothing on this machine changes.
 * @throws UserError when User Mode Linux is not installed.
 */
export async function bootMachine(options: MachineOptions): Promise<Guest> {
  const ram = roomyFolder();
  const share = mkdtempSync(join(ram, 'uninitramfs-lab-'));
  chmodSync(share, 0o755);
  for (const file of ['second.sh', 'agent.sh', 'pid1.sh']) cpSync(join(SHELL_FILES, file), join(share, file));
  writeFileSync(join(share, 'first.sh'), readFileSync(join(SHELL_FILES, 'first.sh')), { mode: 0o755 });
  writeFileSync(join(share, 'hostname'), `${options.hostname ?? 'lab'}\n`);
  writeFileSync(join(share, 'modules'), [...MODULES, ...(options.modules ?? [])].join(' '));
  if (options.systemd) writeFileSync(join(share, 'systemd'), '');
  if (options.noUdev) writeFileSync(join(share, 'no-udev'), '');
  mkdirSync(join(share, 'home'));
  const more = options.prepare?.(share) ?? [];
  const kernel = [
    `mem=${options.memory ?? '1G'}`,
    'root=/dev/root',
    'rootfstype=hostfs',
    'rootflags=/',
    'ro',
    // The share may lie in /dev/shm, which the kernel's own /dev would hide.
    'devtmpfs.mount=0',
    `init=${share}/first.sh`,
    `SHARE=${share}`,
    'con0=fd:0,fd:1',
    'con=null',
    'ssl0=fd:3,fd:3',
    options.kernelTalks ? 'loglevel=7' : 'quiet',
    'panic=-1',
    ...(options.disks ?? []).map((file, index) => `ubd${String.fromCharCode(97 + index)}=${file}`),
    ...more,
  ];
  const [command, ...args] = options.tree ? inTree(options.tree, share, ram, kernel) : [ownKernel(), ...kernel];
  const child = spawn(command as string, args, {
    cwd: '/',
    env: { TMPDIR: ram, HOME: join(share, 'home'), PATH: '/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    detached: true,
  });
  return attach(child, share);
}

/** Whether this machine can boot guests over its own root. */
export function hasKernel(): boolean {
  return kernelPath() !== undefined;
}

function kernelPath(): string | undefined {
  return ['/usr/local/bin', '/usr/bin', '/bin'].map((folder) => join(folder, KERNEL)).find((path) => existsSync(path));
}

function ownKernel(): string {
  const path = kernelPath();
  if (!path) throw new UserError('a rehearsal needs User Mode Linux, which is not installed: apt-get install user-mode-linux');
  return path;
}

/** The tree's own kernel needs the tree's own C library: it is entered. */
function inTree(tree: string, share: string, ram: string, kernel: readonly string[]): string[] {
  const enter =
    'mount --rbind /dev "$1/dev" && mount --rbind /proc "$1/proc" && mkdir -p "$1$3" "$1/lab" && mount --bind "$2" "$1/lab" && mount --bind "$3" "$1$3" && shift 3 && cd / && exec "$@"';
  const within = ['env', '-i', `TMPDIR=${ram}`, 'HOME=/root', 'PATH=/usr/sbin:/usr/bin', 'chroot', tree, KERNEL, ...kernel];
  return ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh', tree, share, ram, ...within];
}

/** Memory where there is enough of it, since nothing here outlives the run. */
export function roomyFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    const { bavail, bsize } = statfsSync('/dev/shm');
    const noexec = / \/dev\/shm [^\n]*\bnoexec\b/.test(readFileSync('/proc/mounts', 'utf8'));
    if (bavail * bsize > 2 ** 31 && !noexec) return '/dev/shm';
  } catch {
    // A machine without it has a folder for temporary files all the same.
  }
  return tmpdir();
}
