import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import type { BootedHostName } from '../lab/booted-hosts.ts';
import { ensureHostImage } from '../lab/host-image.ts';
import { startInstalled } from '../lab/installed.ts';
import { startMachine } from '../lab/machine.ts';
import { type HostSecrets, hostSecrets } from './host-secrets.ts';
import { plantMarkers, typePassphrase } from './plant.ts';
import { type Residue, residueIn } from './residue.ts';
import { SCENARIOS, type Scenario, type ScenarioName } from './scenarios.ts';

/** The hosts that can be measured, and where their encrypted file systems are mounted. */
export const MEASURED_HOSTS = {
  'rented-server': ['/root'],
  'rented-server-bookworm': ['/root'],
  nas: ['/root', '/srv/main_backup'],
} as const satisfies Partial<Record<BootedHostName, readonly string[]>>;

export type MeasuredHost = keyof typeof MEASURED_HOSTS;

export interface Measured {
  /** While the host runs: what of each kind is zero here proves nothing afterwards. */
  readonly before: Residue;
  /** When it has powered off; what still ran would be in `before` again. */
  readonly after?: Residue;
  /** What the machine said on its console. */
  readonly console: string;
}

const known = new Map<MeasuredHost, Promise<HostSecrets>>();

/**
 * Boots a host, gives it secrets of every kind, shuts it down, and counts what of them is in its memory before and after.
 * @throws Error when the host did not power off by itself: under -no-reboot a triple fault looks the same from outside, but for the reason.
 */
export async function measureResidue(host: MeasuredHost, scenario: ScenarioName, say: (line: string) => void = () => undefined): Promise<Measured> {
  const { options, installed, prepare, goesOn, later }: Scenario = SCENARIOS[scenario];
  const given = await secretsOf(host);
  const machine = await (installed ? startInstalled(host, { ram: true }) : startMachine(host, { ...options, ram: true }));
  const memory = openSync(machine.ram ?? '', 'r');
  try {
    await prepare(machine);
    const markers = [await plantMarkers(machine, MEASURED_HOSTS[host])];
    await typePassphrase(machine);
    await later?.(machine);
    const secrets = { ...given, markers, decoys: [randomBytes(64)] };
    const before = residueIn(memory, secrets);
    if (goesOn) return { before, console: machine.console() };
    const { reason, seconds } = await machine.end('systemctl poweroff', 330);
    if (reason !== 'guest-shutdown') throw new Error(`${host} did not power off: ${reason}\n${machine.console().slice(-3000)}`);
    say(`${host}, ${scenario}: off after ${seconds.toFixed(1)} s`);
    return { before, after: residueIn(memory, secrets), console: machine.console() };
  } finally {
    closeSync(memory);
    await machine.stop();
  }
}

function secretsOf(host: MeasuredHost): Promise<HostSecrets> {
  const secrets = known.get(host) ?? ensureHostImage(host, (line) => void process.stderr.write(`${line}\n`)).then(hostSecrets);
  known.set(host, secrets);
  return secrets;
}
