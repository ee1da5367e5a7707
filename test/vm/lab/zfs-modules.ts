import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { cacheFolder, forgetUnused, recipeName } from './cache.ts';
import { madeOnce } from './once.ts';

const SCRIPT = fileURLToPath(new URL('zfs-modules.sh', import.meta.url));
/** A compiler's work on two cores that others want too. */
const PATIENCE_MS = 3_000_000;

/** OpenZFS is not in Debian's kernel: its modules for the kernel of a tree, compiled once. @returns the folder that holds them. */
export function ensureZfsModules(tree: string, say: (line: string) => void): Promise<string> {
  const folder = join(cacheFolder(), `zfs-modules-${recipeName(tree, readFileSync(SCRIPT, 'utf8'))}`);
  return madeOnce(folder, async () => {
    forgetUnused('zfs-modules-');
    say('compiling the modules of ZFS (about ten minutes, once)');
    const making = `${folder}.making`;
    const scratch = `${folder}.scratch`;
    for (const path of [making, scratch, folder]) rmSync(path, { recursive: true, force: true });
    mkdirSync(scratch);
    // Guests that other tests run beside it have bounds to keep. In a session of its own, since the kernel weighs sessions first (sched(7), autogroup).
    const aside = ['--wait', 'nice', '-n', '5', 'unshare', '--mount', '--propagation', 'private'];
    await execa('setsid', [...aside, 'sh', SCRIPT, tree, scratch, making], { all: true, timeout: PATIENCE_MS });
    rmSync(scratch, { recursive: true, force: true });
    renameSync(making, folder);
  });
}

/** Installs them in a tree of the same kernel. */
export async function putZfsModules(modules: string, tree: string): Promise<void> {
  const kernel = readdirSync(join(tree, 'lib/modules'))[0] ?? '';
  const place = join(tree, 'lib/modules', basename(kernel), 'updates/dkms');
  mkdirSync(place, { recursive: true });
  cpSync(modules, place, { recursive: true });
  await execa('depmod', ['-b', tree, kernel], { timeout: 120_000 });
}
