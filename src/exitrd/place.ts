import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../model/errors.ts';
import { EXITRD_SOURCE, EXITRD_HOME as HOME, EXITRD_LIB as LIB } from '../model/places.ts';
import { call } from '../run/call.ts';
import { lock } from '../run/lock.ts';
import { PARTS } from './hooks.ts';

/** A tree is made in a directory that begins so before it takes its place. */
const STAGE = '/run/uninitramfs.stage-';

/** Room for a later plan, in bytes. */
const SPARE = 4 << 20;

/**
 * Makes a tree in a tmpfs of its own (executable, although /run is not; limited; for root alone), and puts it at /run/initramfs in one
 * step: until then, and when anything fails, what was there stays. The tree is read-only afterwards, so that no other program that
 * claims the place can mix its files in.
 * @param bytes how much will be written.
 * @param fill writes the tree into a directory; when it throws, nothing has changed.
 */
export async function installTree(bytes: number, fill: (tree: string) => Promise<void>): Promise<void> {
  const unlock = lock('installation of the exitrd');
  let stage: string | undefined;
  try {
    await clearStages();
    stage = mkdtempSync(STAGE);
    await must(['mount', '-t', 'tmpfs', '-o', `mode=0700,nosuid,nodev,size=${bytes * 2 + SPARE}`, EXITRD_SOURCE, stage]);
    keepNotes(stage);
    await fill(stage);
    await must(['mount', '-o', 'remount,ro', stage]);
    mkdirSync(HOME, { recursive: true, mode: 0o755 });
    await replaceWith(stage);
  } finally {
    if (stage) await clearStage(stage);
    unlock();
  }
}

/** The old tree goes only for as long as the new one takes its place, and comes back when it does not. */
async function replaceWith(stage: string): Promise<void> {
  if (!isInstalled()) {
    await must(['mount', '--bind', stage, HOME]);
    return;
  }
  const old = mkdtempSync(STAGE);
  try {
    await must(['mount', '--bind', HOME, old]);
    await must(['umount', '-l', HOME]);
    const placed = await call(['mount', '--bind', stage, HOME], { seconds: 30 });
    if (placed.is === 'ok') return;
    await must(['mount', '--bind', old, HOME]);
    throw new UserError(`mount --bind ${stage} ${HOME}: ${placed.message}. The exitrd that was there is there again`);
  } finally {
    await clearStage(old);
  }
}

/** Opens an installed tree for a change of its plans, and closes it again. */
export async function changeTree(change: (tree: string) => void): Promise<void> {
  const unlock = lock('installation of the exitrd');
  try {
    await must(['mount', '-o', 'remount,rw', HOME]);
    try {
      change(HOME);
    } finally {
      await must(['mount', '-o', 'remount,ro', HOME]);
    }
  } finally {
    unlock();
  }
}

export async function removeTree(): Promise<void> {
  await must(['umount', '-l', HOME]);
}

/** Whether what is at /run/initramfs is a tree of this program's. */
export function isInstalled(): boolean {
  return existsSync(join(HOME, LIB, PARTS[0])) && existsSync(join(HOME, 'shutdown'));
}

/** Of an installation that was killed. */
async function clearStages(): Promise<void> {
  for (const name of readdirSync(dirname(STAGE)).filter((each) => each.startsWith(basename(STAGE)))) await clearStage(join(dirname(STAGE), name));
}

async function clearStage(stage: string): Promise<void> {
  await call(['umount', '-l', stage], { seconds: 20 });
  try {
    rmdirSync(stage);
  } catch {
    // Something is still mounted there; the next installation tries again.
  }
}

/** initramfs-tools leaves notes there that others read later (fsck.log; fsck-root tells systemd-fsck that it was done). */
function keepNotes(stage: string): void {
  if (!existsSync(HOME) || isInstalled()) return;
  for (const name of readdirSync(HOME).filter((each) => each.startsWith('fsck'))) {
    const from = join(HOME, name);
    if (statSync(from).isFile() && statSync(from).size < SPARE / 4) writeFileSync(join(stage, name), readFileSync(from), { mode: 0o600 });
  }
}

async function must(argv: readonly [string, ...string[]]): Promise<void> {
  const outcome = await call(argv, { seconds: 30 });
  if (outcome.is !== 'ok') throw new UserError(`${argv.join(' ')}: ${outcome.message}. Nothing was changed at ${HOME}`);
}
