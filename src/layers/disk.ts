import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';

/** Whatever holds the bottom of a stack: SCSI, NVMe, virtio, MMC… Nothing about it is closed. */
export const disk: Layer = {
  kind: 'disk',
  tools: [],
  fallback: 2,
  claims: (dev) => dev.slaves.length === 0,
  describe: (dev) => ({ kind: 'disk', name: dev.kname, path: dev.devPath, facts: {}, close: 'never', wanted: false }),
  assemble: (node) => `find disk ${node.name}`,
  miniature: { refuses, room: () => 0, steps: () => [] },
};

function refuses(node: Node): string | undefined {
  return /^rbd\d/.test(node.name) ? 'a network disk needs its server' : undefined;
}
