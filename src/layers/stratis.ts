import type { GraphView } from '../model/graph-view.ts';
import { groupBy } from '../model/group-by.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { BlockDevice, Sources } from '../model/sources.ts';
import type { Op, Probe, StepPlan } from '../model/step.ts';
import { gone, removal } from './dm.ts';

/** `stratis-1-private-POOL-flex-mdv`, `stratis-1-POOL-thin-fs-FS`…; the UUIDs are the same words (stratisd: src/engine/strat_engine/names.rs). */
const OF_POOL = /^stratis-1-(?:private-)?([0-9a-f]{32})-/;

/** A Stratis pool, with the device-mapper devices it is made of and the thin devices that its file systems are on: these go with it, all together. */
export const stratis: Layer = {
  kind: 'stratis',
  tools: ['dmsetup', 'stratis'],
  claims: (dev) => OF_POOL.test(dev.dm?.uuid ?? ''),
  describe: (dev) => {
    const { name, path, operand } = dev.dm as NonNullable<typeof dev.dm>;
    const isFileSystem = name.includes('-thin-fs-');
    return {
      kind: 'stratis',
      name,
      path,
      facts: { operand, dm: name },
      ...(isFileSystem && { below: [`stratis:${poolOf(dev)}`, ...dev.slaves.map((slave) => `dev:${slave}`)] }),
      close: 'implicit',
      wanted: true,
    };
  },
  discover: (src) =>
    [
      ...groupBy(
        src.blocks.filter((dev) => stratis.claims?.(dev, src)),
        poolOf,
      ),
    ].map(([pool, devices]) => describePool(pool, devices, src)),
  teardown: (nodes, graph) => nodes.filter(({ close }) => close === 'step').map((pool) => stop(pool, graph)),
  assemble: (node) => (node.close === 'step' ? `start Stratis pool ${node.name}` : `map ${node.name}`),
  miniature: { refuses: () => 'Stratis needs its daemon', room: (_node, above) => above, steps: () => [] },
  findings: (nodes) =>
    nodes
      .filter(({ close }) => close === 'step')
      .map((pool) => ({
        code: 'stratis-stays-stopped',
        severity: 'info',
        text: `a live teardown has stratisd stop pool ${pool.name}, which it remembers: it is not started at the next boot. A shutdown leaves it to the exitrd`,
        fix: `stratis pool start --uuid ${pool.facts.uuid}, once you want it back`,
        node: pool.id,
      })),
};

function poolOf(dev: BlockDevice): string {
  return OF_POOL.exec(dev.dm?.uuid ?? '')?.[1] ?? '';
}

/** udev calls a file system /dev/stratis/POOL/NAME. */
function describePool(uuid: string, devices: readonly BlockDevice[], src: Sources): Node {
  const link = devices.flatMap(({ kname }) => src.udevLinks(kname)).find((each) => each.startsWith('stratis/'));
  return {
    id: `stratis:${uuid}`,
    kind: 'stratis',
    name: link?.split('/')[1] ?? uuid,
    path: `/dev/stratis/${link?.split('/')[1] ?? uuid}`,
    facts: { uuid },
    below: devices.filter(({ dm }) => !dm?.name.includes('-thin-fs-')).map(({ kname }) => `dev:${kname}`),
    close: 'step',
    wanted: true,
  };
}

/** Whether a LUKS device lies between the devices of a pool, as in version 2 of its metadata, and goes with it. */
export function isInsideStratis({ slaves }: BlockDevice, src: Sources): boolean {
  return slaves.some((slave) => OF_POOL.test(src.block(slave)?.dm?.uuid ?? ''));
}

function stop(pool: Node, graph: GraphView): StepPlan {
  const isPart = ({ id, kind, close }: Node) =>
    close === 'implicit' && (kind === 'stratis' || kind === 'crypt') && (graph.below(id).has(pool.id) || graph.below(pool.id).has(id));
  // What has less on it comes off first.
  const parts = [...graph.ofKind('stratis'), ...graph.ofKind('crypt')].filter(isPart).sort((a, b) => graph.above(a.id).size - graph.above(b.id).size);
  const removals = parts.map((node) => ({ ...removal(node)[0], unless: gone(node) })) as unknown as [Op, ...Op[]];
  const runs: Probe = { is: 'field', argv: ['systemctl', 'is-active', 'stratisd.service'], index: 0, text: 'active' };
  return {
    title: `stop Stratis pool ${pool.name}`,
    id: pool.id,
    node: pool.id,
    closes: [pool.id, ...parts.map(({ id }) => id)],
    unless: { is: 'all', of: parts.map(gone) },
    // A running stratisd keeps a file system of its own mounted there. It would write down that the pool was stopped, so an exitrd does without.
    ops: [{ op: 'run', argv: ['stratis', 'pool', 'stop', '--uuid', pool.facts.uuid as string], retrySeconds: 3, unless: { is: 'not', of: runs } }, ...removals],
    bare: removals,
    seconds: 90,
    onFail: 'stop',
  };
}
