import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { HELPER } from '../model/by-helper.ts';

/** The hand-written part of the tree, as real files: /shutdown first, what it reads after. */
export const SHUTDOWN = 'shutdown.sh';
export const PARTS = [
  'work.sh',
  'live.sh',
  'probes.sh',
  'steps.sh',
  'plan.sh',
  'renew.sh',
  'state.sh',
  'bounded.sh',
  'say.sh',
  'mounts.sh',
  'suspended.sh',
  'survivors.sh',
  'sweep.sh',
  'wipe.sh',
  'receipt.sh',
] as const;

/** The settings that name an administrator's own files; in a tree, the files that list them. */
export const GIVEN = ['exitrd_files', 'exitrd_before', 'exitrd_after'] as const;

/** What of busybox these files call. */
export const APPLETS =
  'awk cat date dd dmesg echo grep halt kill losetup ls mkdir mkfifo mount mv poweroff printf ps readlink reboot rm sed sh sha256sum sleep swapoff sync tail umount'.split(
    ' ',
  );

/** Made of helper.c where there was a C compiler. */
export function helperProgram(): string {
  return join(dirname(realpathSync(process.argv[1] ?? '.')), HELPER);
}

/** The folder of these files, beside the program's own. */
export function hooksFolder(): string {
  return join(dirname(realpathSync(process.argv[1] ?? '.')), '../shutdown-hooks');
}
