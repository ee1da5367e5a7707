import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';

/** A bcache device: a backing device, with or without a cache set in front (kernel: Documentation/admin-guide/bcache.rst). */
export const bcache: Layer = {
  kind: 'bcache',
  tools: [],
  claims: (dev) => /^bcache\d+$/.test(dev.kname),
  describe: (dev, src) => {
    const set = src.door.link(`${dev.sys}/bcache/cache`)?.split('/').pop();
    const attribute = (name: string) => src.door.text(`${dev.sys}/bcache/${name}`) ?? '';
    return {
      kind: 'bcache',
      name: dev.kname,
      path: dev.devPath,
      facts: { state: attribute('state'), dirty: attribute('dirty_data') },
      below: [...dev.slaves.map((slave) => `dev:${slave}`), ...(set ? [cacheSetId(set)] : [])],
      close: 'step',
      wanted: true,
    };
  },
  teardown: (nodes) =>
    nodes.map((node) => {
      const here = { is: 'exists', path: `/sys/block/${node.kname}/bcache` } as const;
      return {
        title: `stop ${node.name}`,
        id: `stop:${node.kname}`,
        node: node.id,
        closes: [node.id],
        unless: { is: 'not', of: here },
        ops: [
          { op: 'write', path: `/sys/block/${node.kname}/bcache/stop`, text: '1' },
          { op: 'wait', until: { is: 'not', of: here }, seconds: 30 },
        ],
        seconds: 60,
        onFail: 'stop',
      };
    }),
  assemble: (node) => `register the backing device of ${node.name}`,
};

/** The id of a cache set's node. */
export function cacheSetId(uuid: string): Node['id'] {
  return `bcache-set:${uuid}`;
}
