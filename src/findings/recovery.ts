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
  /Dirty bit is set\. Fs was not properly unmounted/,
  /md\/raid.*not clean -- starting background reconstruction/,
  /md: (?:resync|recovery|reshape|delaying resync) /,
  /md.*(?:cannot start dirty degraded array|kicking non-fresh)/,
];

/** The lines of a boot's log that tell of something that had to be put right. */
export function recoverySigns(lines: readonly string[]): string[] {
  return lines.filter((line) => RECOVERY.some((said) => said.test(line)));
}
