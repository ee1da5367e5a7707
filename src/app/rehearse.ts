import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { layers } from '../layers/index.ts';
import { isUserError, UserError } from '../model/errors.ts';
import type { Rehearsal, Rehearsed } from '../model/rehearsal.ts';
import { makeFault } from '../rehearse/faults.ts';
import { installOwnExitrd, nodeInMiniature } from '../rehearse/in-miniature.ts';
import { programFolder } from '../rehearse/inhabit.ts';
import { keep } from '../rehearse/keep.ts';
import { roomyFolder } from '../rehearse/machine.ts';
import { perform } from '../rehearse/perform.ts';
import { makeRecipe } from '../rehearse/recipe.ts';
import { recordOf, writeRecord } from '../rehearse/record.ts';
import { requireKernel, requireTools } from '../rehearse/require.ts';
import type { Course, Phase, Stage, Subject } from '../rehearse/stage.ts';
import { beginStory } from '../rehearse/story.ts';
import { hasTool } from '../rehearse/tools.ts';
import { recordPath } from '../sources/rehearsal-record.ts';
import { audit, rehearsalTerms } from './audit.ts';

export type { Phase };

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
  readonly installExitrd?: Course['installExitrd'];
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
  requireKernel(tree);
  const { src, graph, plan, targets } = audit(options.sysroot, options.targets);
  const subject: Subject = { src, graph, wanted: plan.selection.ids, targets };
  const recipe = makeRecipe(subject, { layers, wanted: subject.wanted, has: (tool) => hasTool(tree, tool) });
  requireTools(recipe, tree);
  for (const { name, reason } of recipe.standIns) options.say(`${name} cannot be rehearsed: ${reason}; something plain stands in`);
  const course: Course = {
    phase: options.phase,
    stock: options.stock,
    fault: options.fault === undefined ? undefined : makeFault(options.fault, graph, recipe),
    installExitrd: options.installExitrd ?? installOwnExitrd,
  };
  const work = mkdtempSync(join(roomyFolder(), 'uninitramfs-rehearsal-'));
  const onExit = (): void => rmSync(work, { recursive: true, force: true });
  process.once('exit', onExit);
  try {
    const done = await perform(setStage(options, subject, recipe, work), course, beginStory(options.onStep));
    const result: Rehearsal = { ...done, seconds: (performance.now() - started) / 1000 };
    if (isOfThisHost(options)) remember(result, subject, options.say);
    return result;
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

function setStage(options: RehearsalOptions, subject: Subject, recipe: Stage['recipe'], work: string): Stage {
  const note: Stage['note'] = (name, what) => {
    if (options.keep) writeFileSync(join(work, name), what, { mode: 0o600 });
  };
  const key = randomBytes(64);
  note('key', key);
  const disks = recipe.disks.map(({ megabytes }, index) => {
    const file = join(work, `disk${index}`);
    writeFileSync(file, '');
    truncateSync(file, megabytes << 20);
    return file;
  });
  return { subject, recipe, tree: options.tree, disks, key, program: programFolder(subject.src), node: nodeInMiniature(options.tree), note };
}

/** A capture, a part, a fault or another way to end says nothing about the next shutdown of this host. */
function isOfThisHost({ sysroot, tree, targets, stock, fault, installExitrd }: RehearsalOptions): boolean {
  return sysroot === undefined && tree === undefined && targets.length === 0 && !stock && fault === undefined && installExitrd === undefined;
}

/** So that the audit can say how the last rehearsal went. */
function remember(result: Rehearsal, { graph, src }: Subject, say: (line: string) => void): void {
  const path = recordPath();
  try {
    writeRecord(path, recordOf(result, new Date(), rehearsalTerms(graph, src.door)));
  } catch (error) {
    say(`${path} cannot be written (${error instanceof Error ? error.message : error}): "teardown --dry-run" will not know of this rehearsal`);
  }
}
