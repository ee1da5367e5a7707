import { layers } from '../layers/index.ts';
import type { Report } from '../model/report.ts';
import { sortByNeeds, type Topology } from '../topology/graph.ts';
import { printable } from './words.ts';

/** One thing to put together at boot. */
export interface AssemblyStep {
  readonly node: string;
  readonly title: string;
}

/** The opposite of a teardown: what has to be found, opened and mounted, in an order in which everything lies on something that is there. */
export function renderAssembly(report: Report, graph: Topology): AssemblyStep[] {
  const titleOf = new Map(layers.map((layer) => [layer.kind, layer.assemble]));
  const shown = new Set(report.nodes.filter((node) => node.selected || ['disk', 'partition'].includes(node.kind)).map((node) => node.id));
  const order = sortByNeeds([...shown].map((id) => ({ id, needs: [...graph.below(id)].filter((below) => shown.has(below)) })));
  return order.flatMap((id) => {
    const node = graph.node(id);
    const carries = node && (node.close !== 'never' || [...graph.above(id)].some((above) => graph.node(above)?.close !== 'never' && shown.has(above)));
    return node && carries ? [{ node: id, title: printable(titleOf.get(node.kind)?.(node) ?? node.name) }] : [];
  });
}
