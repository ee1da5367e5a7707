import type { Node } from '../model/node.ts';
import type { Topology } from './graph.ts';

/**
 * What a host's stack is, one line a thing, by names that outlive a reboot: the kernel's numbers for mappings do not, and what an
 * automount mounts comes and goes. How full or large anything is does not belong to it.
 */
export function outline(graph: Topology): string[] {
  const isMember = (node: Node) => node.wanted && !graph.directlyBelow(node.id).some((id) => graph.node(id)?.kind === 'automount');
  const tops = graph.nodes.filter(isMember).map((node) => node.id);
  const members = new Set(tops.flatMap((id) => [id, ...graph.below(id)]));
  return graph.nodes
    .filter((node) => members.has(node.id))
    .map((node) => {
      const below = graph
        .directlyBelow(node.id)
        .flatMap((id) => graph.node(id) ?? [])
        .map(call)
        .sort();
      return `${call(node)}${below.length > 0 ? ` on ${below.join(' and ')}` : ''}`;
    })
    .sort();
}

function call(node: Node): string {
  const { type, level, fstype } = node.facts;
  return [node.kind, type ?? level ?? fstype, node.kind === 'mount' ? node.path : node.name].filter((word) => word).join(' ');
}
