import type { Node } from '../model/node.ts';
import type { Topology } from '../topology/graph.ts';
import { namesOf } from './open-things.ts';
import type { Recipe } from './recipe.ts';

/** What is seen of a shutdown from outside. */
interface Signs {
  readonly console: string;
  /** Mappings whose key is in no memory. */
  readonly withoutKey: ReadonlySet<string>;
  /** For each disk, whether the kernel let go of it. */
  readonly free: readonly boolean[];
}

/**
 * Names of what is surely closed, told without asking who closed it: a mapping whose key is in no memory, an array whose end the kernel
 * spoke of, a disk that the kernel let go of (which Linux 6.10 and later never do, arch/um/drivers/ubd_kern.c), and all that stood
 * on any of these. Whatever else was open when the system had done what it can counts as open.
 */
export function surelyClosed(graph: Topology, recipe: Recipe, { console, withoutKey, free }: Signs): Set<string> {
  const afterwards = console.slice(console.lastIndexOf('rehearsal: that is all'));
  const stopped = new Set([...afterwards.matchAll(/md: (md\w+) stopped/g)].map((match) => match[1]));
  const isProven = (node: Node) => (node.kind === 'crypt' && withoutKey.has(node.facts.dm ?? node.name)) || (node.kind === 'md' && stopped.has(node.kname));
  const disks = recipe.disks.filter((_disk, index) => free[index]).map((disk) => disk.id.replace(/^plain:/, ''));
  // What stands on a disk that was let go of and on one that was not is closed all the same: it could not be open without either.
  if (disks.length === recipe.disks.length) return namesOf(graph.nodes);
  const proven = [...disks, ...graph.nodes.filter(isProven).map((node) => node.id)];
  const closed = new Set(proven.flatMap((id) => [id, ...graph.above(id)]));
  return namesOf(graph.nodes.filter((node) => closed.has(node.id)));
}
