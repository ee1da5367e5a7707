import type { Layer } from '../model/layer.ts';

/** A device on top of others that no layer understands. It is left alone, and so is everything it lies on. */
export const unknown: Layer = {
  kind: 'unknown',
  tools: [],
  fallback: 3,
  claims: () => true,
  describe: (dev) => ({ kind: 'unknown', name: dev.kname, path: dev.devPath, facts: {}, close: 'never', wanted: false }),
  assemble: (node) => `set up ${node.name}`,
  miniature: { refuses: () => 'nobody knows what it is', room: (_node, above) => above, steps: () => [] },
  findings: (nodes) =>
    nodes.map((node) => ({
      code: 'unknown-layer',
      severity: 'warning',
      text: `${node.name} lies on other devices in a way that is not understood; it and what it lies on are left open`,
      fix: 'close it with its own tool first, and send a capture (uninitramfs capture) so that it can be learnt',
      node: node.id,
    })),
};
