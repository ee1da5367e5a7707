import { readdirSync, statSync } from 'node:fs';

/** How often one looks. A guest needs longer than this for its last command. */
const EVERY_MS = 5;

/**
 * Watches which disks a guest's kernel has open: it opens a disk's file when the first thing in the guest uses it, and closes it
 * when the last one lets go (kernel: arch/um/drivers/ubd_kern.c). So what is not open at the end was closed before the power went.
 * @returns what ends the watch and tells which disks were open when the guest was last seen.
 */
export function watchDisks(pid: number, files: readonly string[]): () => ReadonlySet<string> {
  // By number: a guest inside a tree has them under other names.
  const byIdentity = new Map(files.map((file) => [identity(file), file]));
  const folder = `/proc/${pid}/fd`;
  let last: ReadonlySet<string> = new Set(files);
  const look = (): void => {
    try {
      const open = new Set(readdirSync(folder).flatMap((name) => byIdentity.get(identity(`${folder}/${name}`)) ?? []));
      // While it exits its descriptors go all at once, the serial line's among them; what was seen then means nothing.
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

function identity(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    // A descriptor that was closed in between.
    return undefined;
  }
}
