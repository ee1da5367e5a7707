import type { Node } from '../model/node.ts';
import type { Sources } from '../model/sources.ts';
import type { Topology } from '../topology/graph.ts';
import type { Fault } from './faults.ts';
import type { Guest } from './guest.ts';
import type { Recipe } from './recipe.ts';

export type Phase = 'live' | 'exitrd' | 'both';

/** The host that is rehearsed, and what of it a teardown closes. */
export interface Subject {
  readonly src: Sources;
  readonly graph: Topology;
  readonly wanted: ReadonlySet<string>;
  /** Empty for the whole host. */
  readonly targets: readonly Node[];
}

/** Where its miniature stands. */
export interface Stage {
  readonly subject: Subject;
  readonly recipe: Recipe;
  /** A Debian tree to boot over instead of this machine's own root. */
  readonly tree: string | undefined;
  /** Files, one for each of the recipe's disks. */
  readonly disks: readonly string[];
  readonly key: Buffer;
  /** The folder of the program inside the miniature. */
  readonly program: string;
  /** The node that runs it there. */
  readonly node: string;
  /** Keeps what is worth reading afterwards, where that was asked for. */
  readonly note: (name: string, what: string | Buffer) => void;
}

/** How it is shut down. */
export interface Course {
  readonly phase: Phase;
  /** As the system does without this program. */
  readonly stock: boolean;
  readonly fault: Fault | undefined;
  /** What puts an exitrd at /run/initramfs of the miniature. */
  readonly installExitrd: (guest: Guest, program: string, node: string) => Promise<void>;
}

/** Whether an exitrd of the miniature has a part in it. */
export function hasExitrd({ stock, phase }: Course): boolean {
  return !stock && phase !== 'live';
}

/** Whether the guest's system powers off by itself; after a live phase alone the plug is pulled. */
export function endsByItself(course: Course): boolean {
  return course.stock || hasExitrd(course);
}
