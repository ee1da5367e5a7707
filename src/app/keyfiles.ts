import { helperProgram } from '../exitrd/hooks.ts';
import { containerName } from '../findings/container.ts';
import { findHolders, nameHolders } from '../findings/holders.ts';
import { layers } from '../layers/index.ts';
import { UserError } from '../model/errors.ts';
import type { KeyfileDevice, KeyfileOutcome } from '../model/keyfile.ts';
import type { StepResult } from '../model/report.ts';
import type { Door } from '../model/sources.ts';
import type { Step } from '../model/step.ts';
import { keyfileDevices } from '../plan/keyfiles.ts';
import { makePlan } from '../plan/plan.ts';
import { selectTargets } from '../plan/select.ts';
import { call, sleep } from '../run/call.ts';
import { readConfig } from '../sources/config.ts';
import { openDoor } from '../sources/door.ts';
import { type Audit, readGraph } from './audit.ts';
import { loosenFrom } from './loosen.ts';
import { teardown } from './teardown.ts';

export { openJournal } from './journal.ts';

/** Left free beside what the kernel wants, in MiB: what runs meanwhile needs some. */
const LEAST_FREE_MIB = 16;
/** On amd64, and on arm64 with the kernel that Debian installs. */
const PAGE_BYTES = 4096;

export interface KeyfileOptions {
  readonly close: boolean;
  /** How long to wait for what needs them, in seconds. */
  readonly wait: number;
  /** How much of the free memory is overwritten after something was closed, in percent. */
  readonly scrub: number;
  readonly say: (line: string) => void;
  /** As each step of closing one ends. */
  readonly onStep?: ((step: Step, result: StepResult) => void) | undefined;
}

/**
 * Finds the open devices that hold keys of others and, where asked, closes those that nothing needs any more, with whatever only
 * they were using below.
 * @throws UserError before anything is touched: not root, a container, a broken configuration.
 */
export async function keyfiles(options: KeyfileOptions): Promise<KeyfileOutcome[]> {
  const { close, wait, say, onStep } = options;
  if (close) refuse();
  let seen = look();
  const until = performance.now() + wait * 1000;
  let told = '';
  while (close && performance.now() < until) {
    const missing = seen.devices.flatMap(({ waitsFor, absent }) => [...waitsFor, ...absent]);
    if (missing.length === 0) break;
    const line = `waiting for ${[...new Set(missing)].join(', ')}`;
    if (line !== told) say(line);
    told = line;
    await sleep(1);
    seen = look();
  }
  const outcomes: KeyfileOutcome[] = [];
  for (const device of seen.devices) outcomes.push(close ? await closeOne(device, say, onStep) : { ...device, ...stateOf(device, seen) });
  if (outcomes.some((outcome) => outcome.is === 'closed')) await forget(options.scrub, say);
  return outcomes;
}

interface Seen extends Pick<Audit, 'src' | 'graph'> {
  readonly devices: readonly KeyfileDevice[];
}

function look(): Seen {
  const door = openDoor();
  const { src, graph } = readGraph(door);
  return { src, graph, devices: keyfileDevices(src, graph, readConfig(door).keyfile_devices) };
}

function stateOf({ id, waitsFor, usedBy }: KeyfileDevice, { src, graph }: Seen): Pick<KeyfileOutcome, 'is' | 'why'> {
  if (waitsFor.length > 0) return { is: 'waits', why: `${waitsFor.join(', ')} ${waitsFor.length === 1 ? 'is' : 'are'} not open yet` };
  if (usedBy.length > 0) return { is: 'in use', why: `${usedBy.join(', ')} ${usedBy.length === 1 ? 'lies' : 'lie'} on it` };
  const nodes = graph.nodes.filter((node) => node.id === id || graph.below(node.id).has(id));
  const { holders } = findHolders(src, nodes, graph);
  return holders.length > 0 ? { is: 'in use', why: `in use by ${nameHolders(holders)}` } : { is: 'open', why: '' };
}

async function closeOne(found: KeyfileDevice, say: (line: string) => void, onStep: KeyfileOptions['onStep']): Promise<KeyfileOutcome> {
  const seen = look();
  const { src, graph } = seen;
  const node = graph.node(found.id);
  // Another one's close may have taken it along.
  if (!node) return { ...found, is: 'closed', why: '' };
  const device = seen.devices.find(({ id }) => id === found.id) ?? found;
  const state = stateOf(device, seen);
  if (state.is !== 'open') return { ...device, ...state };
  const { steps } = makePlan(graph, layers, selectTargets(graph, [node]));
  const ending = new Set(steps.flatMap((step) => [step.node, ...step.closes]));
  try {
    const nodes = graph.nodes.filter((node) => ending.has(node.id));
    const undo = await loosenFrom(nodes, src);
    let why: string | undefined = 'it is still open';
    try {
      await dropCached(
        nodes.flatMap((node) => (node.kind === 'mount' ? [node.path] : [])),
        say,
      );
      why = await close(device, say, onStep);
    } finally {
      if (why !== undefined) await undo();
    }
    return why === undefined ? { ...device, is: 'closed', why: '' } : { ...device, is: 'failed', why };
  } catch (error) {
    if (error instanceof UserError) return { ...device, is: 'failed', why: error.message };
    throw error;
  }
}

/** As long as they are cached, it is known which pages hold keys; later they are somewhere in free memory. A raw device's never stay cached. */
async function dropCached(paths: readonly string[], say: (line: string) => void): Promise<void> {
  if (paths.length === 0) return;
  const dropped = await call([helperProgram(), 'forget', ...paths], { seconds: 20 });
  if (dropped.is !== 'ok') say(`copies of the keys may stay in memory: ${dropped.message}`);
}

/** @returns why it is still open, if it is. */
async function close(device: KeyfileDevice, say: (line: string) => void, onStep: KeyfileOptions['onStep']): Promise<string | undefined> {
  let why = 'it is still open';
  const report = await teardown({
    targets: [device.path],
    kill: false,
    keepGoing: false,
    failQueued: false,
    confirm: undefined,
    onStep: (step, result) => {
      onStep?.(step, result);
      if (result.error) why = `${step.title}: ${result.error}`;
    },
    say,
    signal: new AbortController().signal,
  });
  return report?.left?.length === 0 ? undefined : why;
}

/** What the keys were read through: root's cached passphrase, and the pages that are free memory now. */
async function forget(scrub: number, say: (line: string) => void): Promise<void> {
  const helper = helperProgram();
  const cached = await call([helper, 'cached'], { seconds: 10 });
  if (cached.is !== 'ok') say(`copies of the keys may stay in memory: ${cached.message}`);
  if (cached.is !== 'ok' || scrub === 0) return;
  const floor = LEAST_FREE_MIB + lowWatermark(openDoor());
  const shared = await call([helper, 'share', String(scrub), String(floor)], { seconds: 600 });
  say(shared.is === 'ok' ? `overwrote ${shared.output.trim()} MiB of free memory` : `free memory was not overwritten: ${shared.message}`);
}

/** With less free memory than this the kernel begins to take from caches and to swap, in MiB (kernel: Documentation/filesystems/proc.rst, zoneinfo). */
function lowWatermark(door: Door): number {
  const pages = [...(door.text('/proc/zoneinfo') ?? '').matchAll(/^\s+low\s+(\d+)$/gm)].reduce((sum, [, low]) => sum + Number(low), 0);
  return (pages * PAGE_BYTES) / 2 ** 20;
}

function refuse(): void {
  const container = containerName(openDoor());
  if (container) throw new UserError(`this is a ${container} container: its devices are the host's to close`);
  if (process.getuid?.() !== 0) throw new UserError('closing devices takes root: run it with sudo');
}
