import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import { cacheSetId } from './bcache.ts';

/** A bcache cache set: the caching devices, open until the set is stopped even with no bcache device in front of it. */
export const bcacheSet: Layer = {
  kind: 'bcache-set',
  tools: [],
  discover: (src) =>
    src.door
      .list('/sys/fs/bcache')
      .filter((name) => /^[0-9a-f]{8}-/.test(name))
      .map(
        (uuid): Node => ({
          id: cacheSetId(uuid),
          kind: 'bcache-set',
          name: uuid,
          path: `/sys/fs/bcache/${uuid}`,
          facts: {},
          below: src.door
            .list(`/sys/fs/bcache/${uuid}`)
            .filter((entry) => /^cache\d+$/.test(entry))
            // cacheN leads to …/block/DISK[/PARTITION]/bcache
            .flatMap((entry) => src.door.link(`/sys/fs/bcache/${uuid}/${entry}`)?.split('/').at(-2) ?? [])
            .map((kname) => `dev:${kname}`),
          close: 'step',
          wanted: true,
        }),
      ),
  teardown: (nodes) =>
    nodes.map((node) => {
      const here = { is: 'exists', path: node.path } as const;
      return {
        title: `stop bcache set ${node.name}`,
        id: `stop:${node.name}`,
        node: node.id,
        closes: [node.id],
        unless: { is: 'not', of: here },
        // `stop` keeps dirty data in the cache for the next start; it does not detach (which would write all of it back).
        ops: [
          { op: 'write', path: `${node.path}/stop`, text: '1' },
          { op: 'wait', until: { is: 'not', of: here }, seconds: 30 },
        ],
        seconds: 60,
        onFail: 'stop',
      };
    }),
  assemble: (node) => `register the cache of set ${node.name}`,
};
