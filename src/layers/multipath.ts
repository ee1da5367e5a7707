import type { Layer } from '../model/layer.ts';
import { gone, removal } from './dm.ts';

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
      path: dev.dm?.path ?? dev.devPath,
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
      // What still queues for paths that are gone would wait for ever (kernel: drivers/md/dm-mpath.c, multipath_message).
      bare: [{ op: 'run', argv: ['dmsetup', 'message', node.facts.operand ?? node.name, '0', 'fail_if_no_path'], okExit: [0, 1] }, ...removal(node)],
      seconds: 60,
      onFail: 'stop',
    })),
  assemble: (node) => `gather the paths of ${node.name}`,
  miniature: { refuses: () => 'several paths to one disk take hardware', room: (_node, above) => above, steps: () => [] },
};
