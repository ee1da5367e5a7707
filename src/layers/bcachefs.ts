import type { Layer } from '../model/layer.ts';

/** A mounted bcachefs over one device or several: as with btrfs, its members are free, all together, when the last of its mounts ends. */
export const bcachefs: Layer = {
  kind: 'bcachefs',
  tools: [],
  discover: (src) =>
    src.bcachefs.map(({ uuid, members }) => ({
      id: `bcachefs:${uuid}`,
      kind: 'bcachefs',
      name: uuid,
      path: `/sys/fs/bcachefs/${uuid}`,
      facts: { uuid },
      below: members.map((kname) => `dev:${kname}`),
      close: 'implicit',
      wanted: true,
    })),
  assemble: (node) => `find the members of bcachefs ${node.name}`,
  miniature: { refuses: () => 'User Mode Linux has no bcachefs', room: (_node, above) => above, steps: () => [] },
};
