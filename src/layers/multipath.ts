import type { Layer } from '../model/layer.ts';
import { gone } from './dm.ts';

/** A multipath map of multipath-tools. */
export const multipath: Layer = {
  kind: 'multipath',
  tools: ['multipath'],
  claims: (dev) => dev.dm?.uuid.startsWith('mpath-') === true,
  describe: (dev) => {
    const name = dev.dm?.name ?? dev.kname;
    return {
      kind: 'multipath',
      name,
      path: `/dev/mapper/${name}`,
      facts: { wwid: dev.dm?.uuid.slice('mpath-'.length) ?? '', operand: dev.dm?.operand ?? name, dm: name },
      close: 'step',
      wanted: true,
    };
  },
  teardown: (nodes) =>
    nodes.map((node) => ({
      title: `flush multipath map ${node.name}`,
      id: `flush:${node.name}`,
      node: node.id,
      closes: [node.id],
      unless: gone(node),
      ops: [{ op: 'run', argv: ['multipath', '-f', node.facts.operand ?? node.name], retrySeconds: 10 }],
      seconds: 60,
      onFail: 'stop',
    })),
  assemble: (node) => `gather the paths of ${node.name}`,
  miniature: { refuses: () => 'several paths to one disk take hardware', room: (_node, above) => above, steps: () => [] },
};
