import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { BootedHostName } from './booted-hosts.ts';
import { cacheFolder, forgetUnused, recipeName } from './cache.ts';
import { ensureHostImage, type HostImage } from './host-image.ts';
import { disksIn, type Machine, type MachineOptions, PARTS, PROJECT, startMachine } from './machine.ts';
import { madeOnce } from './once.ts';

/** Each state of the program makes another one of these, which nobody needs for long. */
const KEPT_MS = 2 * 3600_000;

/** Installs the program as its package would. */
export async function installProgram(machine: Machine, { live }: { live: boolean }): Promise<void> {
  await machine.install();
  await machine.run(
    `cp /usr/lib/uninitramfs/systemd/*.service /etc/systemd/system/
systemctl daemon-reload
systemctl enable --now uninitramfs-exitrd
systemctl enable uninitramfs-missing
systemctl ${live ? 'enable' : 'disable'} uninitramfs-teardown`,
    240,
  );
}

/** A host with the program as it is built now, running. */
export async function startInstalled(host: BootedHostName, options: Pick<MachineOptions, 'ram'> & { readonly live?: boolean } = {}): Promise<Machine> {
  const { live = true, ...others } = options;
  const machine = await startMachine(host, { ...others, from: await ensureInstalled(host) });
  if (!live) await machine.run('systemctl disable uninitramfs-teardown');
  return machine;
}

/** The same as an image: installing takes an emulated processor half a minute, and most tests begin with that. */
async function ensureInstalled(host: BootedHostName): Promise<HostImage> {
  const base = await ensureHostImage(host, (line) => process.stderr.write(`${line}\n`));
  const prefix = `installed-${host}-`;
  const folder = join(cacheFolder(), prefix + recipeName(basename(dirname(base.state)), programHash()));
  await madeOnce(folder, async () => {
    forgetUnused(prefix, KEPT_MS);
    const making = `${folder}.making`;
    for (const path of [making, folder]) rmSync(path, { recursive: true, force: true });
    mkdirSync(making);
    const machine = await startMachine(host);
    try {
      await installProgram(machine, { live: true });
      const { booted, state } = await machine.keep();
      for (const file of [...booted, state]) cpSync(file, join(making, basename(file)));
    } finally {
      await machine.stop();
    }
    renameSync(making, folder);
  });
  return { ...base, booted: disksIn(folder, base), state: join(folder, 'state') };
}

function programHash(): string {
  const hash = createHash('sha256');
  const add = (path: string): void => {
    if (statSync(path).isDirectory()) for (const name of readdirSync(path).sort()) add(join(path, name));
    else hash.update(path).update(readFileSync(path));
  };
  for (const part of PARTS) add(join(PROJECT, part));
  return hash.digest('hex');
}
