import type { Finding } from '../model/finding.ts';
import type { Holder } from '../model/holder.ts';
import type { Topology } from '../topology/graph.ts';
import { nameHolders } from './holders.ts';

/** One finding for each mount or device that a process keeps busy. */
export function busyFindings(graph: Topology, holders: readonly Holder[]): Finding[] {
  return [...new Set(holders.map((holder) => holder.node))].map((id) => {
    const mine = holders.filter((holder) => holder.node === id);
    const node = graph.node(id);
    return {
      code: node?.kind === 'mount' ? 'busy-mount' : 'busy-device',
      severity: 'warning',
      text: `${node?.path} is in use by ${nameHolders(mine)}`,
      fix: wayOut(mine),
      node: id,
    };
  });
}

function wayOut(holders: readonly Holder[]): string {
  const services = [...new Set(holders.map((holder) => holder.unit).filter((unit) => unit.endsWith('.service')))];
  if (services.length > 0) return `systemctl stop ${services.join(' ')}, or run with --kill`;
  return 'leave it or end the process, or run with --kill';
}
