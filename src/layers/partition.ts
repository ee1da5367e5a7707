import { groupBy } from '../model/group-by.ts';
import type { Layer } from '../model/layer.ts';
import type { MiniOp, MiniStep, Site } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';

/** A partition the kernel knows, of a disk, an array or a loop device. It goes with what it is a part of. */
export const partition: Layer = {
  kind: 'partition',
  tools: [],
  claims: (dev) => dev.partitionOf !== undefined,
  describe: (dev) => ({
    kind: 'partition',
    name: dev.kname,
    path: dev.devPath,
    facts: {},
    below: [`dev:${dev.partitionOf}`],
    close: 'never',
    wanted: false,
  }),
  assemble: (node) => `find partition ${node.name}`,
  miniature: { room: (_node, above) => above + 1, path: pathInMiniature, steps: makeSmall },
};

/** The kernel's rule for the name of a partition, on whatever the whole is called there. */
function pathInMiniature(node: Node, site: Site): string {
  const whole = site.path(node.below[0] as string);
  return `${whole}${/\d$/.test(whole) ? 'p' : ''}${numberOf(node)}`;
}

function numberOf(node: Node): string {
  return /\d+$/.exec(node.name)?.[0] as string;
}

/** One step a disk: the table is written whole, with the numbers the host has. */
function makeSmall(nodes: readonly Node[], site: Site): MiniStep[] {
  return [...groupBy(nodes, (node) => node.below[0] as string)].map(([whole, parts]) => {
    const disk = site.path(whole);
    const sorted = [...parts].sort((a, b) => Number(numberOf(a)) - Number(numberOf(b)));
    return {
      title: `partition ${site.graph.node(whole)?.name} (${sorted.length})`,
      id: `partition:${whole}`,
      makes: sorted.map((node) => node.id),
      needs: [whole],
      make: [
        {
          argv: ['sfdisk', '--quiet', '--label', 'gpt', disk],
          input: sorted.map((node) => `${site.path(node.id)} : size=${site.room(node.id) + 1}MiB\n`).join(''),
        },
        ...sorted.map((node): MiniOp => ({ until: site.path(node.id) })),
        { argv: ['udevadm', 'settle'] },
      ],
      again: sorted.map((node): MiniOp => ({ until: site.path(node.id) })),
    };
  });
}
