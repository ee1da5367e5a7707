import type { Node } from '../../../src/model/node.ts';
import { shellWord as quote } from '../../../src/model/quote.ts';
import type { Recipe } from '../../../src/rehearse/recipe.ts';
import type { Topology } from '../../../src/topology/graph.ts';

/** How somebody who knows the right order would close a stack: one command after the other, each again while udev still looks. */
export function closeByHand(recipe: Recipe, graph: Topology): string {
  const commands = [...recipe.steps].reverse().flatMap(({ id, makes }) => {
    const vg = /^vg:(.*)$/.exec(id)?.[1];
    if (vg !== undefined) return [['vgchange', '-q', '-an', vg]];
    return makes.flatMap((made) => {
      const node = graph.node(made);
      return node ? closeOne(node, recipe.paths.get(made) ?? node.path) : [];
    });
  });
  const again = 'hand() { n=0; until "$@"; do n=$((n + 1)); [ $n -lt 50 ] || exit 1; sleep 0.1; done; }';
  return [again, ...commands.map((words) => `hand ${words.map(quote).join(' ')}`)].join('\n');
}

function closeOne(node: Node, path: string): string[][] {
  switch (node.kind) {
    case 'mount':
      return [['umount', path]];
    case 'swap':
      return [['swapoff', path]];
    case 'crypt':
      return [['cryptsetup', 'close', node.facts.operand ?? node.name]];
    case 'md':
      return [['mdadm', '--quiet', '--stop', path]];
    case 'loop':
      return [['losetup', '-d', path]];
    default:
      return [];
  }
}
