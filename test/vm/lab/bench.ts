import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord as quote } from '../../../src/model/quote.ts';
import type { Report } from '../../../src/model/report.ts';
import { build, examine } from '../../../src/rehearse/build.ts';
import { roomyFolder } from '../../../src/rehearse/machine.ts';
import { KEY, modulesOf, type Recipe, ROOT } from '../../../src/rehearse/recipe.ts';
import { compile } from '../../../src/rehearse/script.ts';
import type { Topology } from '../../../src/topology/graph.ts';
import { closeByHand } from './by-hand.ts';
import type { InTheWay } from './in-the-way.ts';
import { STACK_DISKS } from './random-stack.ts';
import { bootGuest, type Guest } from './uml.ts';

const OPEN = fileURLToPath(new URL('../../../src/rehearse/open.sh', import.meta.url));
const MEGABYTES = 8192;
const MODULES = ['raid0', 'raid1', 'raid10', 'raid456', 'dm-raid', 'dm-snapshot', 'dm-thin-pool'];

/** A guest with empty disks, made anew whenever a stack went wrong on the last one. */
export class Bench {
  private readonly folder = mkdtempSync(join(roomyFolder(), 'uninitramfs-stacks-'));
  private readonly disks = Array.from({ length: STACK_DISKS + 1 }, (_, n) => join(this.folder, `disk${n}`));
  private guest: Guest | undefined;
  private readonly clear = () => rmSync(this.folder, { recursive: true, force: true });

  constructor() {
    process.once('exit', this.clear);
  }

  /** Builds a stack, takes it down, and puts it together again: nothing may be left, and everything must come back. @returns seconds it took to close. */
  async prove(recipe: Recipe): Promise<number> {
    for (const disk of this.disks) {
      writeFileSync(disk, '');
      truncateSync(disk, MEGABYTES * 2 ** 20);
    }
    this.guest ??= await this.boot();
    // btrfs remembers the members of the stacks before, whose file systems had the same UUIDs.
    await this.guest.run(`btrfs -q device scan --forget || :\nmodprobe -a ${modulesOf(recipe).join(' ')} 2>/dev/null || :\nrm -rf ${ROOT}`);
    const sums = await build(this.guest, recipe, { begin: ':', finish: ':' }, () => undefined);
    const seconds = await this.teardown();
    const { unclean } = await examine(this.guest, recipe, { sums, stays: () => false, spoils: () => false, tell: () => undefined });
    if (unclean.length > 0) throw new Error(unclean.join('; '));
    return seconds;
  }

  /** Takes down what stands. @returns seconds. @throws Error naming what is left. */
  async teardown(): Promise<number> {
    const { report, err, code, seconds } = await this.call();
    const open = await this.open();
    if (code === 0 && open.length === 0) return seconds;
    throw new Error(`exit ${code}, still open: ${open.join(', ')}: ${report?.results?.flatMap((result) => result.error ?? []).join('; ') ?? err.trim()}`);
  }

  /** Seconds that the program takes to start and to read what stands. */
  async dryRun(): Promise<number> {
    const started = performance.now();
    await this.running.run('teardown --dry-run --json >/dev/null');
    return (performance.now() - started) / 1000;
  }

  /** Puts what was closed together again, without a look at it. */
  async assemble(recipe: Recipe): Promise<void> {
    await this.running.run(
      `mkdir -p ${KEY.slice(0, KEY.lastIndexOf('/'))}\ncp /lab/key ${KEY}\n${recipe.steps.map((step) => compile(step.again, ROOT)).join('\n')}\nudevadm settle`,
    );
  }

  /** Seconds that the right order takes by hand. */
  async byHand(recipe: Recipe, graph: Topology): Promise<number> {
    const started = performance.now();
    await this.running.run(closeByHand(recipe, graph), 300);
    const seconds = (performance.now() - started) / 1000;
    const open = await this.open();
    if (open.length > 0) throw new Error(`by hand this stays open: ${open.join(', ')}`);
    return seconds;
  }

  /** Takes down what stands while a process works in a mount: it must be named, and no more than `way` says may stay. */
  async teardownWith({ mount, left, leftGoingOn }: InTheWay): Promise<void> {
    const pid = (await this.running.run(`cd ${quote(ROOT + mount.path)}\nsleep 100000 >/dev/null 2>&1 &\necho $!`)).trim();
    try {
      for (const [options, expected] of [
        [[], left],
        [['--keep-going'], leftGoingOn],
      ] as const) {
        const { report, code } = await this.call(...options);
        const errors = report?.results?.flatMap((result) => result.error ?? []) ?? [];
        const open = (await this.open()).filter((name) => !name.startsWith('swap '));
        const how = `with a process in ${mount.path}${options.length > 0 ? ' and --keep-going' : ''}`;
        const wrong = [...open.filter((name) => !expected.includes(name)), ...expected.filter((name) => !open.includes(name)).map((name) => `not ${name}`)];
        if (wrong.length > 0) throw new Error(`${how} this should not be open: ${wrong.join(', ')}: ${errors.join('; ')}`);
        if (code !== 1 || !errors.some((error) => error.includes(`sleep (pid ${pid}`)))
          throw new Error(`${how}: exit ${code}, and pid ${pid} is not named: ${errors.join('; ')}`);
      }
    } finally {
      await this.running.try(`kill -9 ${pid}\nwhile [ -e /proc/${pid}/cwd ]; do sleep 0.05; done`, 10);
    }
  }

  /** What went wrong may hang about in the kernel. */
  async leave(): Promise<void> {
    await this.guest?.stop();
    this.guest = undefined;
  }

  async end(): Promise<void> {
    await this.leave();
    process.off('exit', this.clear);
    this.clear();
  }

  private get running(): Guest {
    if (!this.guest) throw new Error('no guest runs: prove a stack first');
    return this.guest;
  }

  private async call(...options: readonly string[]): Promise<{ report: Report | undefined; err: string; code: number; seconds: number }> {
    const started = performance.now();
    const { out, err, code } = await this.running.try(`teardown --yes --json ${options.join(' ')}`, 300);
    return { report: code === 2 ? undefined : (JSON.parse(out) as Report), err, code, seconds: (performance.now() - started) / 1000 };
  }

  private async open(): Promise<string[]> {
    const { out } = await this.running.try('. /lab/open.sh');
    return [...new Set(out.split('\n').filter((line) => line !== ''))].sort();
  }

  private async boot(): Promise<Guest> {
    const guest = await bootGuest({
      memory: '1G',
      modules: MODULES,
      prepare: (share) => {
        writeFileSync(join(share, 'key'), randomBytes(64));
        cpSync(OPEN, join(share, 'open.sh'));
        return this.disks.map((file, n) => `ubd${String.fromCharCode(97 + n)}=${file}`);
      },
    });
    await guest.run(`rm -f /usr/lib/udev/rules.d/64-md-raid-assembly.rules /usr/lib/udev/rules.d/69-lvm*.rules\nudevadm control --reload`);
    return guest;
  }
}
