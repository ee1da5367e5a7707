import { randomBytes } from 'node:crypto';
import { closeSync, cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord as quote } from '../exitrd/quote.ts';
import { layers } from '../layers/index.ts';
import { isUserError, UserError } from '../model/errors.ts';
import type { MiniStep } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';
import type { Rehearsal, Rehearsed } from '../model/rehearsal.ts';
import type { Report, StepResult } from '../model/report.ts';
import { build, examine } from '../rehearse/build.ts';
import { type Fault, makeFault } from '../rehearse/faults.ts';
import { PROGRAM, SHELL_FILES } from '../rehearse/files.ts';
import type { Guest } from '../rehearse/guest.ts';
import { inhabit, programFolder } from '../rehearse/inhabit.ts';
import { bootMachine, hasKernel, roomyFolder } from '../rehearse/machine.ts';
import { countFragments, fragmentsOf } from '../rehearse/memory.ts';
import { makeRecipe, modulesOf, type Recipe, ROOT } from '../rehearse/recipe.ts';
import { calledBy, hasTool, missingTools, packagesOf } from '../rehearse/tools.ts';
import { watchDisks } from '../rehearse/watch-disks.ts';
import { type Audit, audit } from './audit.ts';

export type Phase = 'live' | 'exitrd' | 'both';

export interface RehearsalOptions {
  readonly sysroot: string | undefined;
  readonly targets: readonly string[];
  readonly phase: Phase;
  /** Shut it down as the system does without this program. */
  readonly stock: boolean;
  readonly fault: string | undefined;
  /** A folder that keeps the disks, the recipe and what the consoles said. */
  readonly keep: string | undefined;
  /** A Debian tree to boot over instead of this machine's own root. */
  readonly tree?: string | undefined;
  /** What puts an exitrd at /run/initramfs of the miniature; by default the program's own. */
  readonly installExitrd?: (guest: Guest, program: string, node: string) => Promise<void>;
  readonly onStep: (told: Rehearsed) => void;
  readonly say: (line: string) => void;
}

/**
 * Builds a miniature of this host, or of a capture, in a kernel of its own, closes it there, and looks at what is left.
 * @throws UserError when it cannot be rehearsed here.
 */
export async function rehearse(options: RehearsalOptions): Promise<Rehearsal> {
  const started = performance.now();
  const tree = options.tree ?? '';
  if (!options.tree && !hasKernel()) throw new UserError('a rehearsal needs User Mode Linux, which is not installed here: apt-get install user-mode-linux');
  if (!existsSync(join(PROGRAM, 'dist/uninitramfs.cjs'))) throw new UserError(`${PROGRAM}/dist/uninitramfs.cjs is missing: npm run build`);
  const host = audit(options.sysroot, options.targets);
  const recipe = makeRecipe(host, { layers, wanted: host.plan.selection.ids, has: (tool) => hasTool(tree, tool) });
  if (recipe.disks.length === 0) throw new UserError('this host has no block device in use: there is nothing to rehearse');
  const missing = missingTools(calledBy(recipe), tree);
  if (missing.length > 0)
    throw new UserError(`a rehearsal of this needs ${missing.join(', ')}, not installed here: apt-get install ${packagesOf(missing).join(' ')}`);
  for (const { name, reason } of recipe.standIns) options.say(`${name} cannot be rehearsed: ${reason}; something plain stands in`);
  const fault = options.fault === undefined ? undefined : makeFault(options.fault, host.graph, recipe);
  const work = mkdtempSync(join(roomyFolder(), 'uninitramfs-rehearsal-'));
  const onExit = (): void => rmSync(work, { recursive: true, force: true });
  process.once('exit', onExit);
  try {
    const done = await perform(options, { host, recipe, work, fault });
    return { ...done, seconds: (performance.now() - started) / 1000 };
  } catch (error) {
    if (isUserError(error)) throw error;
    const [what] = (error instanceof Error ? error.message : String(error)).split('\n');
    throw new UserError(`the rehearsal broke off: ${what}. ${options.keep ? `See ${options.keep}` : 'Run it with --keep DIR to see the consoles'}`, 1);
  } finally {
    if (options.keep) keep(options.keep, work, recipe);
    process.off('exit', onExit);
    onExit();
  }
}

/** What is rehearsed, and where. */
interface Stage {
  readonly host: Audit;
  readonly recipe: Recipe;
  readonly work: string;
  readonly fault: Fault | undefined;
}

async function perform(options: RehearsalOptions, { host, recipe, work, fault }: Stage): Promise<Rehearsal> {
  const steps: Rehearsed[] = [];
  const tell = (told: Rehearsed): void => {
    steps.push(told);
    options.onStep(told);
  };
  const timed = async <T>(title: string, what: () => Promise<T>): Promise<T> => {
    const begun = performance.now();
    const result = await what();
    tell({ title, seconds: (performance.now() - begun) / 1000 });
    return result;
  };
  const key = randomBytes(64);
  if (options.keep) writeFileSync(join(work, 'key'), key, { mode: 0o600 });
  const disks = recipe.disks.map((disk, index) => {
    const file = join(work, `disk${index}`);
    writeFileSync(file, '');
    truncateSync(file, disk.megabytes << 20);
    return file;
  });
  const program = programFolder(host.src);
  const node = nodePath(options.tree);
  const boot = (noUdev: boolean) =>
    bootMachine({
      tree: options.tree,
      hostname: host.src.host,
      memory: '640M',
      modules: modulesOf(recipe),
      disks,
      noUdev,
      kernelTalks: true,
      prepare: (share) => {
        writeFileSync(join(share, 'key'), key, { mode: 0o600 });
        mkdirSync(join(share, 'shell'));
        for (const name of readdirSync(SHELL_FILES).filter((file) => file.endsWith('.sh'))) cpSync(join(SHELL_FILES, name), join(share, 'shell', name));
        mkdirSync(join(share, 'program/dist'), { recursive: true });
        for (const name of readdirSync(join(PROGRAM, 'dist')).filter((file) => file.endsWith('.cjs') && file !== 'svg.cjs'))
          cpSync(join(PROGRAM, 'dist', name), join(share, 'program/dist', name));
        if (existsSync(join(PROGRAM, 'shutdown-hooks'))) cpSync(join(PROGRAM, 'shutdown-hooks'), join(share, 'program/shutdown-hooks'), { recursive: true });
        return [];
      },
    });

  const guest = await timed('boot a kernel of its own', () => boot(false));
  let memory: number | undefined;
  try {
    const sums = await build(guest, recipe, inhabit(host.src, options.tree ?? '', node), tell);
    await timed('move in', () => moveIn(guest, program, host));
    const before = await openThings(guest);
    const kept = namesOf(host.graph.nodes.filter((node) => staysLive(node.id, host)));
    let closable = before;
    let open = before;
    let heldAtTheEnd: ReadonlySet<string> = new Set(disks);
    const exitrd = !options.stock && options.phase !== 'live';
    if (exitrd) await timed('install the exitrd', () => (options.installExitrd ?? installExitrd)(guest, program, node));
    if (fault) await timed(`fault: ${fault.title}`, () => guest.run(`cd /\n${fault.script}`, 60));
    if (!options.stock && options.phase !== 'exitrd') {
      await live(guest, { program, node, targets: targetsThere(host, recipe) }, tell);
      open = await openThings(guest);
      if (options.phase === 'live') closable = before.filter((name) => !kept.has(name));
    }
    memory = guest.openMemory();
    if (exitrd || options.stock) {
      await timed(options.stock ? 'shut down as the system does by itself' : 'shut down, into the exitrd', async () => {
        const held = watchDisks(guest.pid, disks);
        await guest.run('echo /run/rehearsal/handover.sh >/run/pid1');
        try {
          await guest.ended(fault ? 300 : 120);
        } finally {
          heldAtTheEnd = held();
        }
      });
    } else {
      await timed('pull the plug', () => guest.stop());
    }
    const said = guest.console();
    const isOff = exitrd || options.stock;
    const panicked = isOff && !/reboot: (System halted|Power down)/.test(said);
    if (options.keep) writeFileSync(join(work, 'console-shutdown.log'), said);
    await guest.stop();
    const second = await timed('boot another kernel to look at the disks', () => boot(true));
    try {
      const stays = (step: MiniStep) => options.phase === 'live' && !options.stock && isLeftOpen(step, host);
      const proof = await examine(second, recipe, { sums, stays, spoils: fault?.spoils ?? (() => false), tell });
      if (options.keep) writeFileSync(join(work, 'console-look.log'), second.console());
      const volumeKeys = [...proof.keys].map(([name, hex]) => [name, Buffer.from(hex, 'hex')] as const);
      const fragments = fragmentsOf([key, ...volumeKeys.map(([, bytes]) => bytes)]);
      const keys = isOff && volumeKeys.length > 0 ? { found: countFragments(memory, fragments), fragments: fragments.length } : null;
      if (isOff) {
        const fd = memory;
        const isGone = (bytes: Buffer) => keys?.found === 0 || countFragments(fd, fragmentsOf([bytes])) === 0;
        const withoutKey = new Set(volumeKeys.filter(([, bytes]) => isGone(bytes)).map(([name]) => name));
        const sure = surelyClosed(host, recipe, { said, withoutKey, free: disks.map((file) => !heldAtTheEnd.has(file)) });
        open = heldAtTheEnd.size === 0 ? [] : openAtTheEnd(said).filter((name) => !sure.has(name));
      }
      const left = open.filter((name) => closable.includes(name));
      const unclean = [...(panicked ? ['the guest ended without powering off: its kernel panicked'] : []), ...proof.unclean];
      return {
        schema: 1,
        host: host.src.host,
        phase: options.stock ? 'stock' : options.phase,
        steps,
        standIns: recipe.standIns,
        notes: recipe.notes,
        closed: closable.length - left.length,
        of: closable.length,
        open: left,
        asked: proof.asked,
        unclean,
        keys,
        seconds: 0,
        ok: left.length === 0 && unclean.length === 0 && (keys?.found ?? 0) === 0,
      };
    } finally {
      await second.stop();
    }
  } finally {
    if (memory !== undefined) closeSync(memory);
    await guest.stop();
  }
}

/** The miniature gets the program, the host's tables, and PID 1. */
async function moveIn(guest: Guest, program: string, host: Audit): Promise<void> {
  const folder = ROOT + program;
  for (const table of ['crypttab', 'fstab']) writeFileSync(join(guest.share, table), host.src.door.text(`/etc/${table}`) ?? '');
  await guest.run(
    `mkdir -p ${quote(folder)} /run/rehearsal ${ROOT}/etc /usr/lib/systemd/system-shutdown
cp -r /lab/program/. ${quote(folder)}/
cp "$(readlink -f /bin/sh)" ${quote(`${folder}/init`)}
cp /lab/shell/pid1.sh ${quote(`${folder}/`)}
cp /lab/shell/open.sh /lab/shell/handover.sh /lab/shell/handover-plain.sh /lab/shell/enter.sh /run/rehearsal/
cp /lab/shell/hook.sh /usr/lib/systemd/system-shutdown/rehearsal
chmod 755 /usr/lib/systemd/system-shutdown/rehearsal
cp /lab/crypttab /lab/fstab ${ROOT}/etc/
printf '%s\\n' ${quote(program)} >/run/program
echo /run/rehearsal/enter.sh >/run/pid1
n=0
until [ -e /proc/1/root${quote(`${program}/init`)} ]; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.05; done
udevadm settle`,
    60,
  );
  await forgetSecrets(guest);
}

/** The key was here to build with. On a host it is typed at boot, so what this left in freed memory would be no finding of its own. */
async function forgetSecrets(guest: Guest): Promise<void> {
  await guest.run(
    `dd if=/dev/zero of=/run/rehearsal/key bs=64 count=1 conv=notrunc status=none
rm /run/rehearsal/key
sync
echo 3 >/proc/sys/vm/drop_caches
mkdir -p /run/rehearsal/scrub
while read -r word kilobytes _; do [ "$word" = MemAvailable: ] && break; done </proc/meminfo
mount -t tmpfs -o size=100% tmpfs /run/rehearsal/scrub
dd if=/dev/zero of=/run/rehearsal/scrub/zeros bs=1M count=$((kilobytes / 1024 - 48)) status=none
umount /run/rehearsal/scrub`,
    60,
  );
}

async function live(
  guest: Guest,
  { program, node, targets }: { program: string; node: string; targets: readonly string[] },
  tell: (told: Rehearsed) => void,
): Promise<void> {
  const command = inMiniature(node, program, 'teardown', '--yes', '--json', ...targets)
    .map(quote)
    .join(' ');
  const { out, err, code } = await guest.try(`cd /\n${command}`, 300);
  let report: Report;
  try {
    report = JSON.parse(out) as Report;
  } catch {
    throw new Error(`the live phase ended with exit ${code} and no report: ${err.trim().split('\n').at(-1) ?? ''}`);
  }
  const titles = new Map(report.steps.map((step) => [step.id, step.title]));
  for (const result of report.results ?? []) tell(toldOf(result, titles.get(result.step) ?? result.step));
}

function toldOf(result: StepResult, title: string): Rehearsed {
  return { title, seconds: result.seconds, ...(result.error !== undefined && { error: result.error }) };
}

/** The node that runs this runs the miniature's program as well; a tree has its own. */
function nodePath(tree: string | undefined): string {
  return tree ? '/usr/bin/node' : realpathSync(process.execPath);
}

/** The program, called in the miniature. */
function inMiniature(node: string, program: string, ...args: string[]): string[] {
  return ['chroot', '/proc/1/root', node, `${program}/dist/uninitramfs.cjs`, ...args];
}

/** The program's own exitrd, put where systemd looks for one. */
async function installExitrd(guest: Guest, program: string, node: string): Promise<void> {
  await guest.run(`cd /\n${inMiniature(node, program, 'exitrd', 'install').map(quote).join(' ')}`, 120);
}

async function openThings(guest: Guest): Promise<string[]> {
  const { out } = await guest.try('chroot /proc/1/root /bin/sh /run/rehearsal/open.sh');
  return [...new Set(out.split('\n').filter((line) => line !== ''))];
}

/** What was open when the system had done what it can, before an exitrd if there is one. */
function openAtTheEnd(console: string): string[] {
  if (!console.includes('rehearsal: that is all')) throw new Error(`the shutdown never got to its end:\n${console.slice(-2000)}`);
  return [...console.matchAll(/rehearsal: open: ([^\r\n]*)/g)].map((match) => match[1] as string);
}

/** What a live phase leaves open: what backs the root, and what nobody asked for. */
function staysLive(id: string, { graph, plan }: Audit): boolean {
  return graph.pinned(id) || !plan.selection.ids.has(id);
}

/** A step whose traces on the disks a live phase alone says nothing about. */
function isLeftOpen(step: MiniStep, host: Audit): boolean {
  const ids = step.makes.length > 0 ? step.makes : step.needs.map((need) => need.replace(/^mkfs:/, ''));
  return ids.some((id) => staysLive(id, host));
}

/** The targets as the guest knows them: a disk or a partition has another name there. */
function targetsThere({ targets }: Audit, recipe: Recipe): string[] {
  return targets.map((node) => (node.kind === 'mount' || node.kind === 'automount' ? node.path : (recipe.paths.get(node.id) ?? node.path)));
}

/** Names as open.sh gives them. */
function namesOf(nodes: readonly Node[]): Set<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.facts.dm) names.add(`dm ${node.facts.dm}`);
    else if (node.kind === 'md') names.add(`md ${node.kname}`);
    else if (node.kind === 'loop') names.add(`loop ${node.kname}`);
    else if (node.kind === 'mount') names.add(`mount ${node.path}`);
    else if (node.kind === 'swap') names.add(`swap ${node.name}`);
  }
  return names;
}

/**
 * Names of what is surely closed, told without asking who closed it: a mapping whose key is in no memory, an array whose end the kernel
 * spoke of, a disk that the kernel let go of (which Linux 6.10 and later never do, arch/um/drivers/ubd_kern.c), and all that stood
 * on any of these. Whatever else was open when the system had done what it can counts as open.
 */
function surelyClosed(
  { graph }: Audit,
  recipe: Recipe,
  { said, withoutKey, free }: { said: string; withoutKey: ReadonlySet<string>; free: readonly boolean[] },
): Set<string> {
  const afterwards = said.slice(said.lastIndexOf('rehearsal: that is all'));
  const stopped = new Set([...afterwards.matchAll(/md: (md\w+) stopped/g)].map((match) => match[1]));
  const isProven = (node: Node) => (node.kind === 'crypt' && withoutKey.has(node.facts.dm ?? node.name)) || (node.kind === 'md' && stopped.has(node.kname));
  const disks = recipe.disks.filter((_disk, index) => free[index]).map((disk) => disk.id.replace(/^plain:/, ''));
  const proven = [...disks, ...graph.nodes.filter(isProven).map((node) => node.id)];
  const held = recipe.disks.filter((_disk, index) => !free[index]).map((disk) => disk.id.replace(/^plain:/, ''));
  const closed = new Set(proven.flatMap((id) => [id, ...graph.above(id)]));
  // What stands on a disk that was let go of and on one that was not is closed all the same: it could not be open without either.
  return held.length === 0 ? namesOf(graph.nodes) : namesOf(graph.nodes.filter((node) => closed.has(node.id)));
}

function keep(folder: string, work: string, recipe: Recipe): void {
  mkdirSync(folder, { recursive: true });
  cpSync(work, folder, { recursive: true });
  writeFileSync(
    join(folder, 'recipe.json'),
    `${JSON.stringify({ disks: recipe.disks, steps: recipe.steps, standIns: recipe.standIns, notes: recipe.notes }, undefined, 2)}\n`,
  );
}
