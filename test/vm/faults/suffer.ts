import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { type DiskServers, serverWords, startDiskServers } from '../lab/disk-servers.ts';
import { examineDisks } from '../lab/examine.ts';
import { ensureHostImage } from '../lab/host-image.ts';
import { installProgram, startInstalled } from '../lab/installed.ts';
import { type Machine, startMachine } from '../lab/machine.ts';
import { bootGuest } from '../lab/uml.ts';
import { hostSecrets } from '../residue/host-secrets.ts';
import { hitsOf, KEY_KINDS, residueIn } from '../residue/residue.ts';
import type { Fault } from './fault.ts';
import { BUILD_LIVE, type LiveFault } from './live.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const WORDS = readFileSync(join(HERE, 'words.sh'), 'utf8');
const SAVED = readFileSync(join(HERE, 'saved.sh'), 'utf8');
/** Beyond the bound a machine is given this much, so that what it does can be read. */
const GRACE_SECONDS = 60;

export interface Suffered {
  /** From asking to the end. */
  readonly seconds: number;
  /** What did not hold: nothing, when all is well. */
  readonly broken: readonly string[];
  readonly console: string;
}

/** Injects a fault into a machine of its own, asks for its end, and looks at what is left. */
export async function suffer(fault: Fault, say: (line: string) => void = () => undefined): Promise<Suffered> {
  const ram = fault.keys ? { ram: true } : {};
  const machine = await (fault.options === undefined ? startInstalled(fault.host, ram) : startMachine(fault.host, { ...fault.options, ...ram }));
  const memory = fault.keys ? openSync(machine.ram ?? '', 'r') : undefined;
  const servers = fault.servers && (await startDiskServers(fault.servers));
  const began = performance.now();
  const tell = (line: string) => say(`${((performance.now() - began) / 1000).toFixed(0)} s: ${line}`);
  try {
    await prepare(machine, fault, servers, tell);
    const from = machine.console().length;
    const end = await endOf(machine, fault);
    tell(`${end.reason} after ${end.seconds.toFixed(1)} s`);
    const console = stripVTControlCharacters(machine.console().slice(from));
    await machine.off();
    const broken = [...brokenAtTheEnd(fault, { ...end, console }), ...(await brokenAfterwards(fault, machine.folder, memory, servers))];
    tell('examined');
    return { seconds: end.seconds, broken, console };
  } finally {
    if (memory !== undefined) closeSync(memory);
    await machine.stop();
    await servers?.stop();
  }
}

/** @returns "no end" as the reason of a machine that is still there well after its bound. */
async function endOf(machine: Machine, { ask, bound }: Fault): Promise<{ seconds: number; reason: string }> {
  const patience = bound + GRACE_SECONDS;
  try {
    return await machine.end(ask ?? 'systemctl poweroff', patience);
  } catch {
    return { seconds: patience, reason: 'no end' };
  } finally {
    machine.deaf(false);
  }
}

async function prepare(machine: Machine, fault: Fault, servers: DiskServers | undefined, tell: (line: string) => void): Promise<void> {
  const disks: string[] = [];
  for (const megabytes of fault.disks ?? []) disks.push(await machine.plug(megabytes));
  const words = `${WORDS}\n${servers ? serverWords(servers) : ''}${disks.map((path, n) => `disk${n}=$(readlink -f ${path})`).join('\n')}\n`;
  if (fault.options !== undefined) await installProgram(machine, { live: true });
  tell('installed');
  await machine.run(`${words}save /root\n${fault.inject}`, 400);
  await fault.outside?.(machine, servers);
  tell('injected');
}

function brokenAtTheEnd(fault: Fault, end: { seconds: number; reason: string; console: string }): string[] {
  const broken: string[] = [];
  const wanted = fault.reason ?? 'guest-shutdown';
  if (end.reason !== wanted) broken.push(`it ended with ${end.reason}, not ${wanted}`);
  if (end.seconds > fault.bound) broken.push(`it took ${end.seconds.toFixed(1)} s, more than ${fault.bound}`);
  for (const said of fault.says) if (!said.test(end.console)) broken.push(`the console does not say ${said}`);
  for (const said of fault.neverSays ?? []) if (said.test(end.console)) broken.push(`the console says ${said}`);
  return broken;
}

async function brokenAfterwards(fault: Fault, folder: string, memory: number | undefined, servers: DiskServers | undefined): Promise<string[]> {
  const { unclean, said } = await examineDisks(folder, SAVED);
  const broken = unclean.filter((line) => !fault.unclean?.test(line));
  const saved = said.match(/^saved: /gm)?.length ?? 0;
  if (saved !== (fault.saved ?? 1)) broken.push(`what was saved is whole on ${saved} file systems, not ${fault.saved ?? 1}:\n${said}`);
  if (memory === undefined) return broken;
  const image = await ensureHostImage(fault.host, () => undefined);
  const plugged = (fault.disks ?? []).map((_, n) => join(folder, `sd${'abcdefgh'.charAt(image.installed.length + n)}.qcow2`));
  const served = servers ? [...(fault.servers ?? []), 'iscsi'].map(servers.file) : [];
  const secrets = { ...(await hostSecrets({ ...image, installed: [...image.installed, ...plugged, ...served] })), markers: [], decoys: [] };
  const hits = hitsOf(residueIn(memory, secrets), KEY_KINDS);
  if (Object.keys(hits).length > 0) broken.push(`keys are in memory: ${JSON.stringify(hits)}`);
  return broken;
}

/** The same for a live teardown, which ends no machine. */
export async function sufferLive(fault: LiveFault): Promise<Pick<Suffered, 'seconds' | 'broken'>> {
  const guest = await bootGuest({ memory: '2G' });
  try {
    await guest.run(BUILD_LIVE, 120);
    const began = performance.now();
    const broken = await fault.suffer(guest);
    const seconds = (performance.now() - began) / 1000;
    return { seconds, broken: seconds > fault.bound ? [...broken, `it took ${seconds.toFixed(1)} s, more than ${fault.bound}`] : broken };
  } finally {
    await guest.stop();
  }
}
