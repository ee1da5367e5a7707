import type { GraphView } from '../model/graph-view.ts';
import { groupBy } from '../model/group-by.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { BlockDevice, Sources } from '../model/sources.ts';
import type { Op, Probe, StepPlan } from '../model/step.ts';
import { gone, removal } from './dm.ts';

/** `stratis-1-private-POOL-flex-mdv`, `stratis-1-POOL-thin-fs-FS`…; the UUIDs are the same words (stratisd: src/engine/strat_engine/names.rs). */
const OF_POOL = /^stratis-1-(?:private-)?([0-9a-f]{32})-/;

/** The device-mapper devices of Stratis pools: caches, metadata, thin pool, and thin devices with a file system each. */
export const stratis: Layer = {
  kind: 'stratis',
  tools: ['dmsetup', 'stratis'],
  claims: (dev) => OF_POOL.test(dev.dm?.uuid ?? ''),
  describe: (dev, src) => {
    const { name, uuid, path, operand } = dev.dm as NonNullable<typeof dev.dm>;
    return {
      kind: 'stratis',
      name,
      path,
      facts: { pool: OF_POOL.exec(uuid)?.[1] as string, operand, dm: name, ...titleFact(dev, src) },
      close: 'step',
      wanted: true,
    };
  },
  teardown: (nodes, graph) => [...groupBy(nodes, (node) => node.facts.pool as string)].map(([pool, own]) => stopPool(pool, own, graph)),
  assemble: (node) => `start the Stratis pool of ${node.name}`,
  miniature: { refuses: () => 'Stratis needs its daemon', room: (_node, above) => above, steps: () => [] },
  findings: (nodes) =>
    [...groupBy(nodes, (node) => node.facts.pool as string)].map(([pool, own]) => ({
      code: 'stratis-stays-stopped',
      severity: 'info' as const,
      text: `a live teardown has stratisd stop pool ${titleOf(pool, own)}, which it remembers: it is not started at the next boot. A shutdown leaves it to the exitrd`,
      fix: `stratis pool start --uuid ${pool}, once you want it back`,
      node: (own[0] as Node).id,
    })),
};

/** udev calls a file system /dev/stratis/POOL/NAME. */
function titleFact(dev: BlockDevice, src: Sources): { title?: string } {
  const link = src.udevLinks(dev.kname).find((each) => each.startsWith('stratis/'));
  return link ? { title: link.split('/')[1] as string } : {};
}

function titleOf(pool: string, nodes: readonly Node[]): string {
  return nodes.find(({ facts }) => facts.title)?.facts.title ?? pool;
}

/** Its LUKS device lies between its own devices, so it goes in the same breath: whatever stands on more goes later. */
function stopPool(pool: string, own: readonly Node[], graph: GraphView): StepPlan {
  const ids = new Set(own.map(({ id }) => id));
  const between = graph
    .ofKind('crypt')
    .filter(({ id }) => [...graph.above(id)].some((above) => ids.has(above)) && [...graph.below(id)].some((below) => ids.has(below)));
  const all = [...own, ...between].sort((a, b) => graph.above(a.id).size - graph.above(b.id).size);
  const removals = all.map((node) => ({ ...removal(node)[0], unless: gone(node) })) as unknown as [Op, ...Op[]];
  const runs: Probe = { is: 'field', argv: ['systemctl', 'is-active', 'stratisd.service'], index: 0, text: 'active' };
  return {
    title: `stop Stratis pool ${titleOf(pool, own)}`,
    id: `stratis:${pool}`,
    node: (all.at(-1) as Node).id,
    closes: all.map(({ id }) => id),
    unless: { is: 'all', of: all.map(gone) },
    // A running stratisd keeps a file system of its own mounted there. It would write down that the pool was stopped, so an exitrd does without.
    ops: [{ op: 'run', argv: ['stratis', 'pool', 'stop', '--uuid', pool], retrySeconds: 3, unless: { is: 'not', of: runs } }, ...removals],
    bare: removals,
    seconds: 90,
    onFail: 'stop',
  };
}
