import type { Node } from '../../../src/model/node.ts';
import type { Topology } from '../../../src/topology/graph.ts';
import { octal } from '../../unit/support/fake-host.ts';

/** What must still be open, as open.sh names it, when a process keeps one mount busy. */
export interface InTheWay {
  readonly mount: Node;
  /** Nothing is half closed: what stands on it stays too, with all that this stands on. */
  readonly left: readonly string[];
  /** With --keep-going: itself, and what it stands on. */
  readonly leftGoingOn: readonly string[];
}

/** Chooses a mount outside the root, the same for the same number; undefined where there is none. */
export function putInTheWay(graph: Topology, root: string, pick: number): InTheWay | undefined {
  const mounts = graph.ofKind('mount').filter((node) => node.path !== '/' && !node.facts.covered);
  const mount = mounts[pick % mounts.length];
  if (!mount) return undefined;
  const below = (ids: Iterable<string>) => [...new Set([...ids].flatMap((id) => [id, ...graph.below(id)]))];
  // A snapshot goes with its origin, and cannot go without.
  const snapshots = (id: string) => graph.directlyAbove(id).filter((above) => graph.node(above)?.close === 'implicit' && !graph.node(above)?.facts.internal);
  const withBelow = (ids: Iterable<string>) => below(below(ids).flatMap((id) => [id, ...snapshots(id)]));
  const names = (ids: readonly string[]) => [...new Set(ids.flatMap((id) => nameOf(graph.node(id), root)))].sort();
  return { mount, left: names(withBelow([mount.id, ...graph.above(mount.id)])), leftGoingOn: names(withBelow([mount.id])) };
}

/** Swap is left out: its device has another number in the guest. */
function nameOf(node: Node | undefined, root: string): string[] {
  if (node?.facts.dm) return [`dm ${node.facts.dm}`];
  if (node?.kind === 'md' || node?.kind === 'loop') return [`${node.kind} ${node.kname}`];
  return node?.kind === 'mount' ? [`mount ${octal(root + (node.path === '/' ? '' : node.path))}`] : [];
}
