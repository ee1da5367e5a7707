import type { Layer } from '../model/layer.ts';

/** A partition the kernel knows, of a disk, an array or a loop device. It goes with what it is a part of. */
export const partition: Layer = {
  kind: 'partition',
  tools: [],
  claims: (dev) => dev.partitionOf !== undefined,
  describe: (dev) => ({
    kind: 'partition',
    name: dev.kname,
    path: dev.devPath,
    facts: {},
    below: [`dev:${dev.partitionOf}`],
    close: 'never',
    wanted: false,
  }),
  assemble: (node) => `find partition ${node.name}`,
};
