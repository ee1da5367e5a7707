import type { Layer } from '../model/layer.ts';
import { isNameable } from '../model/nameable.ts';
import type { Node } from '../model/node.ts';
import type { Sources } from '../model/sources.ts';
import { buildTopology, type Topology } from './graph.ts';

/** Asks every layer what it finds on a host, and joins the answers into one graph. */
export function discover(src: Sources, layers: readonly Layer[]): Topology {
  const inOrder = [...layers].sort((a, b) => (a.fallback ?? 0) - (b.fallback ?? 0));
  const devices = src.blocks.flatMap((dev): Node[] => {
    const layer = inOrder.find((each) => each.claims?.(dev, src));
    const described = layer?.describe?.(dev, src);
    if (!described) return [];
    const facts = { ...described.facts, ...(dev.dm?.suspended && { suspended: 'yes' }) };
    // No command could be given its name.
    const close = isNameable(dev.dm?.name ?? '') ? described.close : 'never';
    return [{ below: dev.slaves.map((slave) => `dev:${slave}`), ...described, facts, close, id: `dev:${dev.kname}`, kname: dev.kname }];
  });
  const others = layers.flatMap((layer) => layer.discover?.(src) ?? []);
  const edges = layers.flatMap((layer) => layer.edges?.(src) ?? []);
  return buildTopology([...devices, ...others], edges, pinnedMounts(src));
}

/** The mounts that hold /, /usr, the running program and PID 1's. */
function pinnedMounts(src: Sources): string[] {
  return [...new Set(src.programPaths.flatMap((path) => src.mountHolding(path)?.id ?? []))];
}
