import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { workFolder } from './folder.ts';

/** Real servers of disks on the machine that runs the tests, in user space: a guest with a network finds them at 10.0.2.2. */
export interface DiskServers {
  readonly nbdPort: number;
  readonly iscsiPort: number;
  readonly target: string;
  /** The file behind a disk. */
  file(disk: string): string;
  /** They are there, take whatever is sent, and answer nothing any more. */
  fallSilent(): void;
  /** They are gone; the files stay. */
  die(): void;
  stop(): Promise<void>;
}

/** For a guest's scripts: `nbd DEVICE DISK` connects a disk, `iscsi` logs in and prints the disk of the target. */
export const serverWords = ({ nbdPort, iscsiPort, target }: DiskServers): string => `
nbd() { nbd-client -name "$2" 10.0.2.2 ${nbdPort} "$1" >/dev/null; }
iscsi() {
  systemctl start iscsid
  iscsiadm -m node -T ${target} -p 10.0.2.2:${iscsiPort} -o new >/dev/null
  iscsiadm -m node -T ${target} -p 10.0.2.2:${iscsiPort} --login >/dev/null
  udevadm settle
  readlink -f /dev/disk/by-path/*iscsi*lun-1
}
`;

const MEGABYTES = 80;

/** @param disks the exports of nbd; the iSCSI target has one disk, called `iscsi`. */
export async function startDiskServers(disks: readonly string[]): Promise<DiskServers> {
  const folder = workFolder();
  const file = (disk: string): string => join(folder, `${disk}.img`);
  for (const disk of [...disks, 'iscsi']) {
    writeFileSync(file(disk), '');
    truncateSync(file(disk), MEGABYTES << 20);
  }
  const [nbdPort, iscsiPort] = [await freePort(), await freePort()];
  const target = 'iqn.2026-01.org.example:lab';
  const config = join(folder, 'nbd.conf');
  const exports = disks.map((disk) => `[${disk}]\nexportname = ${file(disk)}\nflush = true\nfua = true\n`);
  writeFileSync(config, `[generic]\nlistenaddr = 127.0.0.1\nport = ${nbdPort}\nallowlist = true\n${exports.join('')}`);
  const env = { ...process.env, TGT_IPC_SOCKET: join(folder, 'tgtd.socket') };
  const groups: number[] = [];
  const tgtadm = (...more: string[]) => execa('tgtadm', ['--lld', 'iscsi', ...more], { timeout: 20_000, env });
  const signal = (name: 'SIGSTOP' | 'SIGKILL'): void => {
    for (const group of groups)
      try {
        process.kill(-group, name);
      } catch {
        // It is gone.
      }
  };
  const stop = async (): Promise<void> => {
    signal('SIGKILL');
    await sleep(100);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const tgtd = spawn('setpriv', ['--pdeathsig', 'KILL', 'tgtd', '-f', '--iscsi', `portal=127.0.0.1:${iscsiPort}`], { stdio: 'ignore', detached: true, env });
    if (tgtd.pid !== undefined) groups.push(tgtd.pid);
    // It goes into the background by itself, into a session that has its number, with a process for each connection.
    await execa('nbd-server', ['-C', config, '-p', join(folder, 'nbd.pid')], { timeout: 20_000, stdio: 'ignore' });
    groups.push(await pidIn(join(folder, 'nbd.pid')));
    for (let tries = 0; ; tries++, await sleep(200))
      try {
        await tgtadm('--op', 'new', '--mode', 'target', '--tid', '1', '-T', target);
        break;
      } catch (error) {
        if (tries === 50) throw error;
      }
    await tgtadm('--op', 'new', '--mode', 'logicalunit', '--tid', '1', '--lun', '1', '-b', file('iscsi'));
    await tgtadm('--op', 'bind', '--mode', 'target', '--tid', '1', '-I', 'ALL');
  } catch (error) {
    await stop();
    throw error;
  }
  return { nbdPort, iscsiPort, target, file, fallSilent: () => signal('SIGSTOP'), die: () => signal('SIGKILL'), stop };
}

async function pidIn(file: string): Promise<number> {
  for (let tries = 0; ; tries++, await sleep(100)) {
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
    if (pid > 0) return pid;
    if (tries === 100) throw new Error(`nothing came to be in ${file}`);
  }
}

/** A port nobody listens on. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
