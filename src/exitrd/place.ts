import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';
import { type CallOutcome, call } from '../run/call.ts';
import { LIB } from './contents.ts';
import { PARTS } from './hooks.ts';

/** Where systemd-shutdown looks for an exitrd (systemd: docs/INITRD_INTERFACE.md). */
export const HOME = '/run/initramfs';

/** Where a tree is made before it takes its place. */
const STAGE = '/run/uninitramfs.stage';

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
  await discardStage();
  mkdirSync(STAGE, { mode: 0o700 });
  await must(['mount', '-t', 'tmpfs', '-o', `mode=0700,nosuid,nodev,size=${bytes * 2 + SPARE}`, 'uninitramfs', STAGE]);
  try {
    keepNotes(STAGE);
    await fill(STAGE);
    await must(['mount', '-o', 'remount,ro', STAGE]);
    mkdirSync(HOME, { recursive: true, mode: 0o755 });
    if (isInstalled()) await must(['umount', '-l', HOME]);
    await must(['mount', '--bind', STAGE, HOME]);
  } finally {
    await discardStage();
  }
}

/** Opens an installed tree for a change of its plans, and closes it again. */
export async function changeTree(change: (tree: string) => Promise<void>): Promise<void> {
  await must(['mount', '-o', 'remount,rw', HOME]);
  try {
    await change(HOME);
  } finally {
    await must(['mount', '-o', 'remount,ro', HOME]);
  }
}

export async function removeTree(): Promise<void> {
  await must(['umount', '-l', HOME]);
}

/** Whether what is at /run/initramfs is a tree of this program's. */
export function isInstalled(): boolean {
  return existsSync(join(HOME, LIB, PARTS[0])) && existsSync(join(HOME, 'shutdown'));
}

async function discardStage(): Promise<void> {
  if (!existsSync(STAGE)) return;
  await call(['umount', '-l', STAGE], { seconds: 20 });
  rmdirSync(STAGE);
}

/** initramfs-tools leaves notes there that others read later (fsck.log; fsck-root tells systemd-fsck that it was done). */
function keepNotes(stage: string): void {
  if (!existsSync(HOME) || isInstalled()) return;
  for (const name of readdirSync(HOME).filter((each) => each.startsWith('fsck'))) {
    const from = join(HOME, name);
    if (statSync(from).isFile() && statSync(from).size < SPARE / 4) writeFileSync(join(stage, name), readFileSync(from));
  }
}

async function must(argv: readonly [string, ...string[]]): Promise<CallOutcome> {
  const outcome = await call(argv, { seconds: 30 });
  if (outcome.is === 'ok') return outcome;
  throw new UserError(`${argv.join(' ')}: ${outcome.message}. Nothing was changed at ${HOME}`);
}
