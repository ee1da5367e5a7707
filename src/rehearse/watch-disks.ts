import { readdirSync, readlinkSync } from 'node:fs';

/** How often one looks. A guest needs longer than this for its last command. */
const EVERY_MS = 5;

/**
 * Watches which disks a guest's kernel has open: it opens a disk's file when the first thing in the guest uses it, and closes it
 * when the last one lets go (kernel: arch/um/drivers/ubd_kern.c). So what is not open at the end was closed before the power went.
 * @returns what ends the watch and tells which disks were open when the guest was last seen.
 */
export function watchDisks(pid: number, files: readonly string[]): () => ReadonlySet<string> {
  let last: ReadonlySet<string> = new Set(files);
  const look = (): void => {
    try {
      const folder = `/proc/${pid}/fd`;
      const names = readdirSync(folder);
      // While it exits its descriptors go one after the other, the console's among them; then nothing here means anything.
      if (!names.includes('3')) return;
      const open = new Set(names.flatMap((name) => readlink(`${folder}/${name}`)).filter((path) => files.includes(path)));
      if (readdirSync(folder).includes('3')) last = open;
    } catch {
      // It has ended.
    }
  };
  const timer = setInterval(look, EVERY_MS);
  return () => {
    clearInterval(timer);
    return last;
  };
}

function readlink(path: string): string[] {
  try {
    return [readlinkSync(path)];
  } catch {
    return [];
  }
}
