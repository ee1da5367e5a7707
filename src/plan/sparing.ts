import picomatch from 'picomatch';
import type { Node } from '../model/node.ts';
import type { Topology } from '../topology/graph.ts';
import type { Selection } from './select.ts';

/** What the globs of never_touch match, by name or path, apart from what backs the running system: that is the exitrd's alone. */
export function spared(graph: Topology, globs: readonly string[]): Node[] {
  if (globs.length === 0) return [];
  const matches = picomatch([...globs], { dot: true });
  return graph.nodes.filter((node) => node.close !== 'never' && !graph.pinned(node.id) && (matches(node.name) || matches(node.path)));
}

/**
 * A selection without these nodes, what stands on them and what they lie on.
 * @param targets what was asked for by name: of it, what is left out counts as kept open.
 */
export function sparing(selection: Selection, graph: Topology, nodes: readonly Node[], targets: readonly Node[]): Selection {
  if (nodes.length === 0) return selection;
  const out = new Set(nodes.flatMap(({ id }) => [id, ...graph.above(id), ...graph.below(id)]).filter((id) => !graph.pinned(id)));
  return {
    ids: new Set([...selection.ids].filter((id) => !out.has(id))),
    blocked: selection.blocked,
    kept: new Set([...selection.kept, ...targets.flatMap(({ id }) => (out.has(id) ? [id] : []))]),
  };
}
