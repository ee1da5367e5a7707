import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../model/errors.ts';
import { PROGRAM } from './files.ts';
import { hasKernel } from './machine.ts';
import type { Recipe } from './recipe.ts';
import { calledBy, missingTools, packagesOf } from './tools.ts';

/** @throws UserError saying what to install when this machine can boot no guest, or has no program to put into one. */
export function requireKernel(tree: string): void {
  if (!tree && !hasKernel()) throw new UserError('a rehearsal needs User Mode Linux, which is not installed here: apt-get install user-mode-linux');
  if (!existsSync(join(PROGRAM, 'dist/uninitramfs.cjs'))) throw new UserError(`${PROGRAM}/dist/uninitramfs.cjs is missing: npm run build`);
}

/** @throws UserError saying what to install when a recipe calls for programs that are not here, or has nothing to make. */
export function requireTools(recipe: Recipe, tree: string): void {
  if (recipe.disks.length === 0) throw new UserError('this host has no block device in use: there is nothing to rehearse');
  const missing = missingTools(calledBy(recipe), tree);
  if (missing.length > 0)
    throw new UserError(`a rehearsal of this needs ${missing.join(', ')}, not installed here: apt-get install ${packagesOf(missing).join(' ')}`);
}
