import type { Layer } from '../model/layer.ts';

/**
 * Compressed RAM. Turning its swap off at shutdown would pull everything back into memory for nothing
 * (systemd/zram-generator issue 191), so it is left alone; it is gone with the power.
 */
export const zram: Layer = {
  kind: 'zram',
  tools: [],
  claims: (dev) => /^zram\d+$/.test(dev.kname),
  describe: (dev) => ({ kind: 'zram', name: dev.kname, path: dev.devPath, facts: {}, close: 'never', wanted: false }),
  assemble: (node) => `set up ${node.name}`,
  miniature: { refuses: () => 'compressed memory is left alone at shutdown too', room: (_node, above) => above, steps: () => [] },
};
