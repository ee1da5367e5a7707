import type { Finding } from '../model/finding.ts';
import type { Holder } from '../model/holder.ts';
import type { Topology } from '../topology/graph.ts';
import { nameHolders } from './holders.ts';

/** Devices that stay busy after they are unmounted here: other mount namespaces have them too. */
export function elsewhereFindings(graph: Topology, foreign: readonly Holder[]): Finding[] {
  return [...new Set(foreign.map(({ node }) => node))].map((id) => {
    const mine = foreign.filter(({ node }) => node === id);
    return {
      code: 'mounted-elsewhere',
      severity: 'warning',
      text: `${graph.node(id)?.path} stays open, with all it lies on, while others have it mounted: ${nameHolders(mine)}`,
      fix: 'end these processes, or unmount it there (nsenter --mount --target PID umount PATH)',
      node: id,
    };
  });
}
