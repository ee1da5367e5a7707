import { layers } from '../layers/index.ts';
import type { AssemblyStep } from '../model/assembly.ts';
import type { Report } from '../model/report.ts';
import type { Sources } from '../model/sources.ts';
import { keyCarriers } from '../plan/keyfiles.ts';
import { sortByNeeds, type Topology } from '../topology/graph.ts';

/** The opposite of a teardown: what has to be found, opened and mounted, in an order in which everything lies on something that is there. */
export function assemblyOrder(report: Report, graph: Topology, src: Sources): AssemblyStep[] {
  const keys = keyDevices(graph, src);
  const titleOf = new Map(layers.map((layer) => [layer.kind, layer.assemble]));
  const shown = new Set(report.nodes.filter((node) => node.selected || ['disk', 'partition'].includes(node.kind)).map((node) => node.id));
  const order = sortByNeeds([...shown].map((id) => ({ id, needs: [...graph.below(id), ...(keys.get(id) ?? [])].filter((below) => shown.has(below)) })));
  return order.flatMap((id) => {
    const node = graph.node(id);
    const carries = node && (node.close !== 'never' || [...graph.above(id)].some((above) => graph.node(above)?.close !== 'never' && shown.has(above)));
    const key = (keys.get(id) ?? []).map((carrier) => graph.node(carrier)?.name).join(', ');
    const title = (node && titleOf.get(node.kind)?.(node)) ?? id;
    return node && carries ? [{ node: id, title: key ? `${title} (its key is on ${key})` : title }] : [];
  });
}

/** The LUKS devices that hold the key of another, by the id of the other: they are opened first. */
function keyDevices(graph: Topology, src: Sources): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const entry of src.crypttab) {
    const opened = graph.ofKind('crypt').find((node) => node.name === entry.name);
    const carriers = keyCarriers(entry, src, graph).map((node) => node.id);
    if (opened && carriers.every((id) => !graph.below(id).has(opened.id))) found.set(opened.id, carriers);
  }
  return found;
}
