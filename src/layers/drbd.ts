import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';

/** A DRBD resource: what its volumes lie on, and its connections. */
export const drbd: Layer = {
  kind: 'drbd',
  tools: ['drbdsetup'],
  discover: (src) =>
    src.drbd.map(
      ({ name, volumes }): Node => ({
        id: `drbd:${name}`,
        kind: 'drbd',
        name,
        path: `/dev/drbd/by-res/${name}`,
        facts: { minors: volumes.map(({ minor }) => minor).join(' ') },
        below: volumes.flatMap(({ disk }) => (disk === undefined ? [] : (src.knameOfPath(disk) ?? []))).map((kname) => `dev:${kname}`),
        close: 'step',
        wanted: true,
        liveOnly: true,
      }),
    ),
  teardown: (nodes) =>
    nodes.map((node) => {
      const minors = (node.facts.minors ?? '').split(' ');
      return {
        title: `take down DRBD resource ${node.name}`,
        id: `down:${node.name}`,
        node: node.id,
        closes: [node.id],
        unless: { is: 'all', of: minors.map((minor) => ({ is: 'not', of: { is: 'exists', path: `/sys/block/drbd${minor}` } }) as const) },
        // It becomes secondary by that, and stays up while somebody has a volume open (kernel: drivers/block/drbd/drbd_nl.c, drbd_adm_down).
        ops: [{ op: 'run', argv: ['drbdsetup', 'down', node.name], retrySeconds: 5 }],
        seconds: 40,
        onFail: 'stop',
      };
    }),
  assemble: (node) => `bring up DRBD resource ${node.name}`,
};
