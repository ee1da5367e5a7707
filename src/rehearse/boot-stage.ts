import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROGRAM, SHELL_FILES } from './files.ts';
import type { Guest } from './guest.ts';
import { bootMachine } from './machine.ts';
import { modulesOf } from './recipe.ts';
import type { Stage } from './stage.ts';

/** A kernel with the miniature's disks, which finds the throwaway key, this program and the shell files below /lab. */
export function bootStage({ subject, recipe, tree, disks, key }: Stage, { noUdev }: { noUdev: boolean }): Promise<Guest> {
  return bootMachine({
    tree,
    hostname: subject.src.host,
    memory: '640M',
    modules: modulesOf(recipe),
    disks,
    noUdev,
    kernelTalks: true,
    prepare: (share) => {
      writeFileSync(join(share, 'key'), key, { mode: 0o600 });
      mkdirSync(join(share, 'shell'));
      for (const name of readdirSync(SHELL_FILES).filter((file) => file.endsWith('.sh'))) cpSync(join(SHELL_FILES, name), join(share, 'shell', name));
      mkdirSync(join(share, 'program/dist'), { recursive: true });
      for (const name of readdirSync(join(PROGRAM, 'dist')).filter((file) => file.endsWith('.cjs') && file !== 'svg.cjs'))
        cpSync(join(PROGRAM, 'dist', name), join(share, 'program/dist', name));
      if (existsSync(join(PROGRAM, 'shutdown-hooks'))) cpSync(join(PROGRAM, 'shutdown-hooks'), join(share, 'program/shutdown-hooks'), { recursive: true });
      return [];
    },
  });
}
