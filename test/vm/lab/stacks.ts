import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import type { Report } from '../../../src/model/report.ts';
import { selectAll } from '../../../src/plan/select.ts';
import { build, examine } from '../../../src/rehearse/build.ts';
import { roomyFolder } from '../../../src/rehearse/machine.ts';
import { makeRecipe, modulesOf, type Recipe } from '../../../src/rehearse/recipe.ts';
import { randomStack, STACK_DISKS, stackOf } from './random-stack.ts';
import { bootGuest, type Guest } from './uml.ts';

const OPEN = fileURLToPath(new URL('../../../src/rehearse/open.sh', import.meta.url));
const MEGABYTES = 8192;

const MODULES = ['raid0', 'raid1', 'raid10', 'raid456', 'dm-raid', 'dm-snapshot', 'dm-thin-pool'];

/**
 * Builds random stacks for real, lets the program take each down, and proves that nothing is left and everything comes back clean with
 * the same data. The same seed gives the same stacks; a failing one is made smaller before it is told.
 */
export async function proveStacks({ count, seed, say }: { count: number; seed: number; say: (line: string) => void }): Promise<void> {
  const bench = new Bench();
  let done = 0;
  try {
    await fc.assert(
      fc.asyncProperty(randomStack, async (moves) => {
        const read = readGraph(stackOf(moves).door());
        const recipe = makeRecipe(read, { layers, wanted: selectAll(read.graph).ids, has: () => true });
        try {
          const seconds = await bench.prove(recipe);
          done++;
          say(`stack ${done}: ${recipe.steps.length} steps to build, closed in ${seconds.toFixed(1)} s: ${moves.map((each) => each.kind).join(' ')}`);
        } catch (error) {
          await bench.leave();
          say(`seed ${seed}: ${moves.map((each) => each.kind).join(' ')}: ${(error as Error).message.split('\n')[0]}`);
          throw error;
        }
      }),
      { seed, numRuns: count, interruptAfterTimeLimit: 3_600_000 },
    );
  } finally {
    await bench.end();
  }
}

/** A guest with empty disks, made anew whenever a stack went wrong on the last one. */
class Bench {
  private readonly folder = mkdtempSync(join(roomyFolder(), 'uninitramfs-stacks-'));
  private readonly disks = Array.from({ length: STACK_DISKS + 1 }, (_, n) => join(this.folder, `disk${n}`));
  private guest: Guest | undefined;
  private readonly clear = () => rmSync(this.folder, { recursive: true, force: true });

  constructor() {
    process.once('exit', this.clear);
  }

  async prove(recipe: Recipe): Promise<number> {
    for (const disk of this.disks) {
      writeFileSync(disk, '');
      truncateSync(disk, MEGABYTES * 2 ** 20);
    }
    this.guest ??= await this.boot();
    const { guest } = this;
    await guest.run(`modprobe -a ${modulesOf(recipe).join(' ')} 2>/dev/null || :\nrm -rf /target`);
    const sums = await build(guest, recipe, { begin: ':', finish: ':' }, () => undefined);
    const started = performance.now();
    await this.teardown(guest);
    const seconds = (performance.now() - started) / 1000;
    const { unclean } = await examine(guest, recipe, { sums, stays: () => false, spoils: () => false, tell: () => undefined });
    if (unclean.length > 0) throw new Error(unclean.join('; '));
    await this.teardown(guest);
    return seconds;
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

  private async teardown(guest: Guest): Promise<void> {
    const { out, err, code } = await guest.try('teardown --yes --json', 300);
    const open = (await guest.try(`. /lab/open.sh`)).out.trim();
    if (code === 0 && open === '') return;
    const failed = code === 2 ? err.trim() : (JSON.parse(out) as Report).results?.flatMap((result) => result.error ?? []).join('; ');
    throw new Error(`exit ${code}, still open: ${open.replaceAll('\n', ', ')}: ${failed}`);
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
