import type { Finding } from '../model/finding.ts';
import { freedBy, type Selection } from '../plan/select.ts';
import type { Topology } from '../topology/graph.ts';

/** With a TARGET: what lies below it and stays open, because something else uses it. */
export function staysFindings(graph: Topology, selection: Selection, targets: readonly string[]): Finding[] {
  const isFree = freedBy(graph, selection.ids);
  const below = new Set(targets.flatMap((id) => [...graph.below(id)]));
  return [...below].flatMap((id): Finding[] => {
    const node = graph.node(id);
    if (node?.close !== 'step' || selection.ids.has(id) || node.kind === 'mount' || node.kind === 'automount') return [];
    const users = graph
      .directlyAbove(id)
      .filter((above) => !isFree(above))
      .map((above) => graph.node(above)?.path ?? above);
    if (users.length === 0) return [];
    return [
      {
        code: 'stays-open',
        severity: 'info',
        text: `${node.name} stays open: ${users.join(', ')} ${users.length === 1 ? 'uses' : 'use'} it too`,
        fix: `teardown ${node.path} closes all of them`,
        node: id,
      },
    ];
  });
}
