import type { Finding } from '../model/finding.ts';
import type { Topology } from '../topology/graph.ts';

/** Device-mapper devices of any kind whose I/O is held back. */
export function suspendedFindings(graph: Topology): Finding[] {
  return graph.nodes
    .filter((node) => node.facts.suspended)
    .map((node) => ({
      code: 'dm-suspended',
      severity: 'critical',
      text: `${node.name} is suspended: everything that reads or writes it hangs, a teardown too`,
      fix: `dmsetup resume ${node.facts.operand ?? node.name}`,
      node: node.id,
    }));
}
