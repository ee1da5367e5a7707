import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where trees and images live between runs, outside the repository (XDG base directories). */
export function cacheFolder(): string {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'uninitramfs');
  mkdirSync(folder, { recursive: true });
  return folder;
}

const KEPT_MS = 3 * 24 * 3600_000;

/** Forgets what nobody has used for days, or for as long as it says. What is younger may be another checkout's, with another recipe. */
export function forgetUnused(prefix: string, keptMs = KEPT_MS): void {
  const folder = cacheFolder();
  for (const name of readdirSync(folder).filter((each) => each.startsWith(prefix))) {
    const ready = join(folder, `${name.split('.')[0]}.ready`);
    const used = statSync(existsSync(ready) ? ready : join(folder, name), { throwIfNoEntry: false });
    if (used && Date.now() - used.mtimeMs > keptMs) rmSync(join(folder, name), { recursive: true, force: true });
  }
}

/** A short name for a recipe: another recipe, another name, so a change rebuilds. */
export function recipeName(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
}
