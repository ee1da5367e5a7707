import type { Layer } from '../model/layer.ts';
import { carriersOf } from './mount.ts';

/** An eCryptfs mount keeps the file system busy that holds the folder it decrypts: the source of its mount (kernel: fs/ecryptfs/main.c, ecryptfs_mount). */
export const ecryptfs: Layer = {
  kind: 'ecryptfs',
  tools: [],
  edges: (src) =>
    src.mounts
      .filter(({ fstype }) => fstype === 'ecryptfs')
      .flatMap((entry) => {
        // Mounted over its own folder it hides what it lies on, and stands on that already.
        const holder = src.mountHolding(entry.source);
        if (!holder || holder.id === entry.id || holder.parent === entry.id) return [];
        return [holder.id, ...carriersOf(holder, src)].map((below) => ({ above: entry.id, below }));
      }),
  assemble: (node) => `mount ${node.path}`,
};
