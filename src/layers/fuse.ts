import type { Layer } from '../model/layer.ts';

/** A fuse mount lies on whatever its server holds open: an archive, a directory, a device. */
export const fuse: Layer = {
  kind: 'fuse',
  tools: [],
  edges: (src) =>
    src.fuseServers().flatMap((server) =>
      server.serves.flatMap((point) => {
        const served = src.mounts.find((entry) => entry.mountpoint === point && entry.fstype.startsWith('fuse'));
        const carriers = server.holds.flatMap((path) => {
          const kname = src.knameOfPath(path);
          return kname ? [`dev:${kname}`] : (src.mountHolding(path)?.id ?? []);
        });
        return served ? [...new Set(carriers)].filter((below) => below !== served.id).map((below) => ({ above: served.id, below })) : [];
      }),
    ),
  assemble: (node) => `mount ${node.path}`,
};
