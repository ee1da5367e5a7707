import type { Finding } from './finding.ts';
import type { GraphView } from './graph-view.ts';
import type { MiniatureMaker } from './miniature.ts';
import type { Edge, Node } from './node.ts';
import type { BlockDevice, Sources } from './sources.ts';
import type { StepPlan } from './step.ts';

/**
 * One block layer: how it is found, what it lies on, how it is closed. A layer never knows whether it is closed live or
 * in the exitrd, and never changes anything itself.
 */
export interface Layer {
  readonly kind: string;
  /** The programs its steps call; also what an exitrd must carry for it. */
  readonly tools: readonly string[];
  /** Whether a block device is this layer's. Every device belongs to one layer. */
  claims?(dev: BlockDevice, src: Sources): boolean;
  /** Asked only for devices nobody claimed, smallest number first. */
  readonly fallback?: number;
  /** The node of a claimed device; `below` is filled from sysfs `slaves` unless given. */
  describe?(dev: BlockDevice, src: Sources): Omit<Node, 'id' | 'kname' | 'below'> & { readonly below?: readonly string[] };
  /** Nodes that are no block device: mounts, swap, file systems over several devices. */
  discover?(src: Sources): readonly Node[];
  /** Edges that `below` cannot say, such as one thing hidden by another. */
  edges?(src: Sources): readonly Edge[];
  /** Steps that close these nodes, all of this kind and all closed in the same stage. */
  teardown?(nodes: readonly Node[], graph: GraphView): readonly StepPlan[];
  /** What putting this node together at boot is called. */
  assemble(node: Node): string;
  findings?(nodes: readonly Node[], src: Sources, graph: GraphView): readonly Finding[];
  /** How it is made small for a rehearsal. Absent: a plain device stands in for it. */
  readonly miniature?: MiniatureMaker;
}
