import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Recipe } from './recipe.ts';

/** Keeps a rehearsal's folder, and the recipe beside it, for whoever wants to see how it went. */
export function keep(folder: string, work: string, { disks, steps, standIns, notes }: Recipe): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  cpSync(work, folder, { recursive: true });
  writeFileSync(join(folder, 'recipe.json'), `${JSON.stringify({ disks, steps, standIns, notes }, undefined, 2)}\n`);
}
