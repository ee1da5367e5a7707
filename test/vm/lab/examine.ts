import { cpSync, linkSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execaSync } from 'execa';
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

/**
 * What kernels, e2fsck and fsck.vfat say when they put right what was not closed. From Linux 6.12: fs/ext4/super.c, fs/ext4/orphan.c,
 * fs/xfs/xfs_log_recover.c, fs/btrfs/disk-io.c, fs/jfs/jfs_mount.c, fs/fat/inode.c, drivers/md/md.c, drivers/md/raid*.c.
 */
const RECOVERY = [
  /EXT4-fs .*(?:recovery (?:complete|required)|write access will be enabled during recovery|orphan cleanup|orphan inodes? deleted|mounting unchecked fs)/,
  /JBD2: .*(?:recover|replay)/i,
  /recovering journal|was not cleanly unmounted/,
  /XFS .*(?:Starting|Ending) recovery/,
  /BTRFS.*start tree-log replay/,
  /jfs_mount: Mount Failure/,
  /FAT-fs .*not properly unmounted/,
  /md\/raid.*not clean -- starting background reconstruction/,
  /md: (?:resync|recovery|reshape|delaying resync) /,
  /md.*(?:cannot start dirty degraded array|kicking non-fresh)/,
];

/** The lines of a boot's kernel log, or its console, that tell of something that had to be put right. */
export function kernelComplaints(log: string): string[] {
  return log.split(/\r?\n/).filter((line) => RECOVERY.some((said) => said.test(line)));
}
