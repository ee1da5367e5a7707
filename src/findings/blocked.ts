import type { Finding } from '../model/finding.ts';
import type { Selection } from '../plan/select.ts';
import type { Topology } from '../topology/graph.ts';

/** What cannot be closed and therefore keeps everything below it open. */
export function blockedFindings(graph: Topology, selection: Selection): Finding[] {
  return [...selection.blocked].flatMap((id): Finding[] => {
    const node = graph.node(id);
    const kept = [...graph.below(id)].flatMap((below) => (selection.kept.has(below) ? (graph.node(below) ?? []) : []));
    if (!node || kept.length === 0) return [];
    return [
      {
        code: 'kept-open',
        severity: 'warning',
        text: `${node.path} cannot be closed, so these stay open: ${kept.map((each) => (each.kind === 'mount' ? each.path : each.name)).join(', ')}`,
        fix: `close ${node.path} by hand, then run again`,
        node: id,
      },
    ];
  });
}
