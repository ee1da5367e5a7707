import type { GraphView } from '../model/graph-view.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { Argv } from '../model/step.ts';
import { removeMapping } from './dm.ts';

/**
 * A VDO volume of the vdo manager that came before LVM's; LVM's own are its to close. Removing it writes out its index and its block map, and marks it
 * clean, as a suspend does (kernel: drivers/md/dm-vdo/dm-vdo-target.c, vdo_presuspend and write_super_block_for_suspend); one that was not closed recovers
 * by itself (Documentation/admin-guide/device-mapper/vdo.rst).
 */
export const vdo: Layer = {
  kind: 'vdo',
  tools: ['dmsetup'],
  claims: (dev) => dev.dm?.uuid.startsWith('VDO-') === true,
  describe: (dev) => {
    const { name, path, operand } = dev.dm as NonNullable<typeof dev.dm>;
    return { kind: 'vdo', name, path, facts: { operand, dm: name }, close: 'step', wanted: true };
  },
  teardown: (nodes, graph) => nodes.map((node) => ({ ...removeMapping(node, `stop VDO ${node.name}`), seconds: 120, ...writesBelow([node], graph) })),
  assemble: (node) => `start VDO ${node.name}`,
  miniature: { refuses: () => 'User Mode Linux has no VDO', room: (_node, above) => above, steps: () => [] },
};

/** A gigabyte of index is written out as it stops: what it lies on tells whether that moves. */
export function writesBelow(nodes: readonly Node[], graph: GraphView): { progress?: Argv } {
  const counters = nodes.flatMap(({ below }) => below.flatMap((id) => graph.node(id)?.kname ?? [])).map((kname) => `/sys/class/block/${kname}/stat`);
  return counters.length > 0 ? { progress: ['awk', '{print $1, $3, $5, $7}', ...new Set(counters.sort())] } : {};
}
