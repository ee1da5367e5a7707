import type { Finding } from '../model/finding.ts';
import type { Holder } from '../model/holder.ts';
import type { Sources } from '../model/sources.ts';
import type { Plan } from '../plan/plan.ts';
import type { Topology } from '../topology/graph.ts';
import type { ExitrdState } from './exitrd.ts';
import type { NetworkMount } from './network.ts';
import type { Wipe } from './wipe.ts';

/** All that the answers are made from. */
export interface Looked {
  readonly src: Sources;
  readonly graph: Topology;
  readonly plan: Plan;
  readonly holders: readonly Holder[];
  /** Processes that could not be looked into. */
  readonly unseenProcesses: number;
  readonly findings: readonly Finding[];
  readonly exitrd: ExitrdState;
  /** How many things the exitrd's plan was not made for; undefined where that cannot be told. */
  readonly newSincePlan: number | undefined;
  readonly wipe: Wipe;
  readonly networkMounts: readonly NetworkMount[];
}
