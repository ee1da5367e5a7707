import type { Layer } from '../model/layer.ts';
import type { MiniOp, MiniStep, Site } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';
import type { Op, Probe, StepPlan } from '../model/step.ts';

/** Device-mapper devices made by dmsetup, kpartx or anyone whose UUID no other layer claims. */
export const dm: Layer = {
  kind: 'dm',
  tools: ['dmsetup'],
  fallback: 1,
  claims: (dev) => dev.dm !== undefined,
  describe: (dev) => {
    const { name, uuid, path, operand } = dev.dm as NonNullable<typeof dev.dm>;
    return {
      kind: 'dm',
      name,
      path,
      facts: { uuid, operand, dm: name },
      close: 'step',
      wanted: true,
    };
  },
  teardown: (nodes) => nodes.map((node) => removeMapping(node, `remove mapping ${node.name}`)),
  assemble: (node) => `map ${node.name}`,
  miniature: { room: (_node, above) => above + 8, steps: (nodes, site) => nodes.map((node) => mapSmall(node, site)) },
};

/** The answer is yes once the kernel device no longer carries this name; its number may have been given to another. */
export function gone(node: Node): Probe {
  return { is: 'not', of: { is: 'equals', path: `/sys/block/${node.kname}/dm/name`, text: node.facts.dm ?? node.name } };
}

/** The step that takes a mapping away by its name alone, whoever made it. */
export function removeMapping(node: Node, title: string): StepPlan {
  return {
    title,
    id: `remove:${node.name}`,
    node: node.id,
    closes: [node.id],
    unless: gone(node),
    ops: removal(node),
    seconds: 30,
    onFail: 'stop',
  };
}

/** What takes a mapping away by its name alone. */
export function removal(node: Node): [Op] {
  return [{ op: 'run', argv: ['dmsetup', 'remove', node.facts.operand ?? node.name], retrySeconds: 10 }];
}

/** Sectors kept free below a mapping: two devices with the same start are duplicates to LVM. */
const START = 8192;

/** A linear mapping over all that it lies on. */
function mapSmall(node: Node, site: Site): MiniStep {
  const devices = node.below.map((id) => site.path(id));
  const sectors = Math.ceil((site.room(node.id) * 2048) / Math.max(1, devices.length));
  const table = devices.map((device, index) => `${index * sectors} ${sectors} linear ${device} ${START}\n`).join('');
  const map: MiniOp = { argv: ['dmsetup', 'create', '--', node.name], input: table, until: node.path };
  return {
    title: `map ${node.name}`,
    id: `dm:${node.name}`,
    makes: [node.id],
    needs: node.below,
    make: [map],
    again: [map],
    notes: [`${node.name}: its table is not in a capture, a linear one stands in`],
  };
}
