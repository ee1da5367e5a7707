import { createHash } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where trees and images live between runs, outside the repository (XDG base directories). */
export function cacheFolder(): string {
  const folder = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'uninitramfs');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/** A short name for a recipe: another recipe, another name, so a change rebuilds. */
export function recipeName(...parts: readonly string[]): string {
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 12);
}
