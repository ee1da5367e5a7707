import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Contents, contentsFor, SETTINGS, settingsText } from '../exitrd/contents.ts';
import { helperProgram, hooksFolder } from '../exitrd/hooks.ts';
import { changeTree, installTree, isInstalled, removeTree } from '../exitrd/place.ts';
import { makePlans } from '../exitrd/plans.ts';
import { locate } from '../exitrd/programs.ts';
import { toolsOf } from '../exitrd/tools.ts';
import { type Checked, verifyTree } from '../exitrd/verify.ts';
import { type Plans, writePlans, writeTree } from '../exitrd/write.ts';
import { containerName } from '../findings/container.ts';
import { layers } from '../layers/index.ts';
import { type Config, DEFAULTS } from '../model/config.ts';
import { isUserError, UserError } from '../model/errors.ts';
import { EXITRD_HOME as HOME } from '../model/places.ts';
import type { Step } from '../model/step.ts';
import { stretched } from '../plan/bounds.ts';
import { makeExitrdPlan, makePlan } from '../plan/plan.ts';
import { type FoundPlace, findReceiptPlace } from '../plan/receipt.ts';
import { selectAll } from '../plan/select.ts';
import { shutdownShares } from '../plan/shutdown-shares.ts';
import { spared, sparing } from '../plan/sparing.ts';
import { readConfig } from '../sources/config.ts';
import { openDoor } from '../sources/door.ts';
import { readGraph } from './audit.ts';
import { noteReceipt, receiptPlan } from './receipt.ts';
import { stateOf } from './state.ts';

/** An exitrd as it would be made for a host. */
export interface Exitrd {
  readonly contents: Contents;
  readonly plans: Plans;
  readonly steps: readonly Step[];
  /** What is wrong with the configuration, for which the defaults were taken. */
  readonly complaint?: string;
  /** Where it will leave a receipt, or why it cannot. */
  readonly receipt: FoundPlace;
}

/**
 * Reads a host (or a capture) and says what its exitrd holds. Touches nothing.
 * @param hooks the folder shutdown-hooks/ of this program.
 * @throws UserError when the host cannot be read, or this one lacks what every exitrd needs.
 */
export async function exitrdFor(sysroot: string | undefined, hooks = hooksFolder()): Promise<Exitrd> {
  const { config, complaint } = configOf(sysroot);
  const { plans, steps, receipt } = await plansFor(sysroot, config, hooks);
  const contents = await contentsFor(steps, { hooks, helper: helperProgram(), config });
  return { contents, plans, steps, receipt, ...(complaint !== undefined && { complaint }) };
}

/** No exitrd at all would be worse than one with the defaults. */
function configOf(sysroot: string | undefined): { config: Config; complaint?: string } {
  try {
    return { config: readConfig(openDoor(sysroot)) };
  } catch (error) {
    if (!isUserError(error)) throw error;
    return { config: DEFAULTS, complaint: error.message };
  }
}

async function plansFor(
  sysroot: string | undefined,
  { never_touch, bounds, receipt: setting }: Config,
  hooks = hooksFolder(),
): Promise<Pick<Exitrd, 'plans' | 'steps' | 'receipt'>> {
  // First: what comes after this look is new at the shutdown, and the plans are made again.
  // Without it the plans are made anew at every shutdown, and nothing else is lost.
  const state = (await stateOf(sysroot, hooks)) ?? '';
  const { src, graph } = readGraph(openDoor(sysroot));
  const { steps } = stretched(makeExitrdPlan(graph, layers), bounds);
  const selection = sparing(selectAll(graph), graph, spared(graph, never_touch), []);
  const live = stretched(makePlan(graph, layers, selection), bounds).steps.filter((step) => step.stage === 'live');
  const hasHelper = existsSync(helperProgram());
  const receipt = findReceiptPlace(setting, src, graph, hasHelper);
  const plans = { ...makePlans(src.host, steps, shutdownShares(graph, live), hasHelper, state), ...receiptPlan(receipt) };
  return { plans, steps, receipt };
}

/** Writes the tree into a directory that is empty or does not exist. */
export async function buildExitrd(out: string, sysroot: string | undefined): Promise<Exitrd> {
  const place = resolve(out);
  if (existsSync(place) && readdirSync(place).length > 0) throw new UserError(`${place} is not empty: name a new directory`);
  const made = await exitrdFor(sysroot);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(place);
  // Whoever may write there could lead every file of the tree elsewhere.
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) throw new UserError(`others can write to ${place}: name a new directory`);
  writeTree(place, made.contents, made.plans);
  return made;
}

/**
 * Puts the tree at /run/initramfs, after proving that every program in it runs.
 * @throws UserError when it does not; what was there before then stays.
 */
export async function installExitrd(): Promise<Exitrd> {
  refuse('installing the exitrd');
  const made = await exitrdFor(undefined);
  await installTree(sizeOf(made.contents), async (tree) => {
    writeTree(tree, made.contents, made.plans);
    const bad = (await verifyTree(tree)).filter((checked) => checked.complaint);
    if (bad.length > 0)
      throw new UserError(`the exitrd would not work, so it was not installed: ${bad.map(({ name, complaint }) => `${name}: ${complaint}`).join('; ')}`);
  });
  noteReceipt(openDoor());
  return made;
}

/**
 * Rewrites the plans of the installed tree from the host as it is now. When they call programs the tree does not hold, or it was made with
 * other settings, it is made anew.
 * @returns how many steps there are, and what was new.
 */
export async function refreshExitrd(): Promise<{ steps: number; added: readonly string[] }> {
  refuse('refreshing the exitrd');
  if (!isInstalled()) throw new UserError(`there is no exitrd of this program at ${HOME}: uninitramfs exitrd install`);
  const { config } = configOf(undefined);
  const { plans, steps } = await plansFor(undefined, config);
  const isSame = openDoor().text(`${HOME}${SETTINGS}`) === settingsText(config).trimEnd();
  const added = [...newTools(steps), ...(isSame ? [] : ['what the settings ask for'])];
  if (added.length > 0) {
    try {
      return { steps: (await installExitrd()).steps.length, added };
    } catch (error) {
      // The old tree can still do most of the new plan.
      await changeTree((tree) => writePlans(tree, plans));
      throw error;
    }
  }
  await changeTree((tree) => writePlans(tree, plans));
  return { steps: steps.length, added };
}

/** Programs the steps call, and kexec where a kernel is loaded, which are on this host and not in the tree. */
function newTools(steps: readonly Step[]): string[] {
  const isKexecLoaded = openDoor().text('/sys/kernel/kexec_loaded') === '1';
  return [...toolsOf(steps).keys(), ...(isKexecLoaded ? ['kexec'] : [])].filter((tool) => locate(tool) && !existsSync(`${HOME}/usr/bin/${tool}`));
}

/** Takes the tree away: the next shutdown is the system's own. */
export async function removeExitrd(): Promise<void> {
  refuse('removing the exitrd');
  if (!isInstalled()) throw new UserError(`there is no exitrd of this program at ${HOME}: nothing to remove`);
  await removeTree();
}

/** Runs every program of a tree inside it: of the installed one, or of one that `build` made. */
export async function verifyExitrd(tree = HOME): Promise<Checked[]> {
  if (process.getuid?.() !== 0) throw new UserError('proving that the programs run in the tree takes root (chroot): run it with sudo');
  const place = resolve(tree);
  if (!existsSync(`${place}/shutdown`))
    throw new UserError(`${place} holds no exitrd: uninitramfs exitrd ${tree === HOME ? 'install' : `build --out ${place}`}`);
  return verifyTree(place);
}

/** Bytes the tree takes. */
export function sizeOf(contents: Contents): number {
  return contents.items.reduce((sum, item) => sum + item.bytes, 0);
}

function refuse(what: string): void {
  const container = containerName(openDoor());
  if (container) throw new UserError(`this is a ${container} container, which has no shutdown of its own: run it on the host`);
  if (process.getuid?.() !== 0) throw new UserError(`${what} takes root: run it with sudo`);
}
