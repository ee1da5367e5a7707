import type { Layer } from '../model/layer.ts';

/** A mounted btrfs over one device or several. Its members are free, all together, when the last of its mounts ends. */
export const btrfs: Layer = {
  kind: 'btrfs',
  tools: [],
  discover: (src) =>
    src.btrfs.map(({ uuid, label, members }) => ({
      id: `btrfs:${uuid}`,
      kind: 'btrfs',
      name: label || uuid,
      path: `/sys/fs/btrfs/${uuid}`,
      facts: { uuid },
      below: members.map((kname) => `dev:${kname}`),
      close: 'implicit',
      wanted: true,
    })),
  assemble: (node) => `find the members of btrfs ${node.name}`,
};
