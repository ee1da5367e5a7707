import { cpSync, linkSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaSync } from 'execa';
import { recoverySigns } from '../../../src/findings/recovery.ts';
import { workFolder } from './folder.ts';
import { bootGuest } from './uml.ts';

const SCRIPT = fileURLToPath(new URL('examine.sh', import.meta.url));

/** Looks at a copy of the disks of a machine that is off, from outside. @returns what was not left clean: nothing, when all is well. */
export async function examine(folder: string): Promise<string[]> {
  return (await examineDisks(folder)).unclean;
}

interface Examined {
  readonly unclean: string[];
  /** What the second script printed. */
  readonly said: string;
}

/** The same, and runs a second script there afterwards: the mappings are open, and arrays without writing. */
export async function examineDisks(folder: string, second?: string): Promise<Examined> {
  const work = workFolder();
  try {
    const disks = readdirSync(folder).flatMap((file) => /^sd(.)\.qcow2$/.exec(file)?.[1] ?? []);
    for (const letter of disks)
      execaSync('qemu-img', ['convert', '-f', 'qcow2', '-O', 'raw', join(folder, `sd${letter}.qcow2`), join(work, `${letter}.raw`)], { timeout: 120_000 });
    const prepare = (share: string): string[] => {
      cpSync(SCRIPT, join(share, 'examine.sh'));
      for (const letter of disks) linkSync(join(work, `${letter}.raw`), join(share, `${letter}.raw`));
      return ['md_mod.start_ro=1', ...disks.map((letter) => `ubd${letter}=/lab/${letter}.raw`)];
    };
    const guest = await bootGuest({ hostname: 'examine', memory: '1G', modules: ['raid0', 'raid1', 'raid10', 'raid456', 'btrfs'], prepare });
    try {
      const unclean = (await guest.run('. /lab/examine.sh', 180)).split('\n').filter((line) => line !== '');
      return { unclean, said: second === undefined ? '' : await guest.run(second, 180) };
    } finally {
      await guest.stop();
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** The lines of a boot's kernel log, or its console, that tell of something that had to be put right. */
export function kernelComplaints(log: string): string[] {
  return recoverySigns(log.split(/\r?\n/));
}
