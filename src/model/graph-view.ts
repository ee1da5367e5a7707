import type { Node } from './node.ts';

/** The questions a layer may ask of the whole stack. */
export interface GraphView {
  /** All that stands on a node, directly or not. */
  above(id: string): ReadonlySet<string>;
  /** All that a node stands on, directly or not. */
  below(id: string): ReadonlySet<string>;
  node(id: string): Node | undefined;
  ofKind(kind: string): readonly Node[];
  /** Whether it backs /, /usr or the running program. */
  pinned(id: string): boolean;
}
