import type { Layer } from '../model/layer.ts';

/** A network block device that is connected (kernel: drivers/block/nbd.c). */
export const nbd: Layer = {
  kind: 'nbd',
  tools: ['nbd-client'],
  claims: (dev) => /^nbd\d+$/.test(dev.kname),
  describe: (dev, src) => {
    const backend = src.door.text(`${dev.sys}/backend`);
    return {
      kind: 'nbd',
      name: dev.kname,
      path: dev.devPath,
      facts: { ...(backend && { backend }) },
      close: 'step',
      wanted: true,
      liveOnly: true,
    };
  },
  teardown: (nodes) =>
    nodes.map((node) => {
      const gone = { is: 'not', of: { is: 'exists', path: `/sys/block/${node.kname}/pid` } } as const;
      return {
        title: `disconnect ${node.name}`,
        id: `disconnect:${node.kname}`,
        node: node.id,
        closes: [node.id],
        unless: gone,
        // It tells the server, which ends the connection in its own time.
        ops: [
          { op: 'run', argv: ['nbd-client', '-d', node.path], unless: gone, retrySeconds: 3 },
          { op: 'wait', until: gone, seconds: 10 },
        ],
        seconds: 20,
        onFail: 'stop',
      };
    }),
  assemble: (node) => `connect ${node.name}`,
  miniature: { refuses: () => 'a network disk needs its server', room: () => 0, steps: () => [] },
};
