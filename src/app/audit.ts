import { blockedFindings } from '../findings/blocked.ts';
import { busyFindings } from '../findings/busy.ts';
import { exitrdFindings } from '../findings/exitrd.ts';
import { findForeignMounts } from '../findings/foreign-mounts.ts';
import { findHolders } from '../findings/holders.ts';
import { keyFileFindings } from '../findings/key-file.ts';
import { keyfileDeviceFindings } from '../findings/keyfile-device.ts';
import { memoryFindings } from '../findings/memory.ts';
import { elsewhereFindings } from '../findings/mounted-elsewhere.ts';
import { rehearsalFindings } from '../findings/rehearsal.ts';
import { sightFindings } from '../findings/sight.ts';
import { sparedFindings } from '../findings/spared.ts';
import { staysFindings } from '../findings/stays.ts';
import { suspendedFindings } from '../findings/suspended.ts';
import { layers } from '../layers/index.ts';
import type { Config } from '../model/config.ts';
import type { Holder } from '../model/holder.ts';
import type { Node } from '../model/node.ts';
import type { RehearsalRecord } from '../model/rehearsal.ts';
import type { Report } from '../model/report.ts';
import type { Door, Sources } from '../model/sources.ts';
import { stretched } from '../plan/bounds.ts';
import { makePlan, type Plan } from '../plan/plan.ts';
import { makeReport } from '../plan/report.ts';
import { selectAll, selectTargets } from '../plan/select.ts';
import { spared, sparing } from '../plan/sparing.ts';
import { findTarget } from '../plan/target.ts';
import { readConfig } from '../sources/config.ts';
import { openDoor } from '../sources/door.ts';
import { readHost } from '../sources/host.ts';
import { readRecord } from '../sources/rehearsal-record.ts';
import { stampTools } from '../sources/tools.ts';
import { discover } from '../topology/discover.ts';
import type { Topology } from '../topology/graph.ts';
import { outline } from '../topology/outline.ts';

/** A host as read, with the plan to take it apart. */
export interface Audit {
  readonly src: Sources;
  readonly graph: Topology;
  readonly plan: Plan;
  readonly targets: readonly Node[];
  readonly config: Config;
  readonly holders: readonly Holder[];
  /** Processes whose mount namespaces keep devices busy. */
  readonly foreign: readonly Holder[];
  /** Processes that could not be looked into. */
  readonly unseenProcesses: number;
  readonly report: Report;
}

/**
 * Reads a host (or a capture below `sysroot`), and plans the teardown of everything, or of `targets`. Touches nothing.
 * @param config what counts instead of the host's configuration.
 * @throws UserError for an unknown target, a host that cannot be read, or a broken configuration.
 */
export function audit(sysroot: string | undefined, targetNames: readonly string[], config?: Config): Audit {
  return auditThrough(openDoor(sysroot), targetNames, config);
}

/** The same through a given door. */
export function auditThrough(door: Door, targetNames: readonly string[], config = readConfig(door)): Audit {
  const { src, graph } = readGraph(door);
  const targets = targetNames.flatMap((name) => findTarget(name, src, graph));
  const alone = spared(graph, config.never_touch);
  const selection = sparing(targetNames.length > 0 ? selectTargets(graph, targets) : selectAll(graph), graph, alone, targets);
  const plan = stretched(makePlan(graph, layers, selection), config.bounds);
  const toClose = graph.nodes.filter((node) => selection.ids.has(node.id) && !graph.pinned(node.id));
  const { holders, unseen } = findHolders(src, toClose, graph);
  const foreign = findForeignMounts(
    src,
    toClose.filter((node) => node.kname !== undefined),
    graph,
    true,
  );
  const findings = [
    ...layers.flatMap((layer) => layer.findings?.(graph.ofKind(layer.kind), src, graph) ?? []),
    ...suspendedFindings(graph),
    ...exitrdFindings(graph, src),
    ...rehearsalFindings(readRecord(door), () => rehearsalTerms(graph, door)),
    ...memoryFindings(src, graph),
    ...keyfileDeviceFindings(src, graph),
    ...keyFileFindings(src, graph),
    ...busyFindings(graph, holders),
    ...elsewhereFindings(graph, foreign),
    ...blockedFindings(graph, selection),
    ...sparedFindings(alone),
    ...staysFindings(
      graph,
      selection,
      targets.map((node) => node.id),
    ),
    ...sightFindings(src, unseen),
  ];
  return { src, graph, plan, targets, config, holders, foreign, unseenProcesses: unseen, report: makeReport(src.host, graph, plan, findings) };
}

/** What lies on what, and nothing more: no plan, no look at the processes. */
export function readGraph(door: Door): Pick<Audit, 'src' | 'graph'> {
  const src = readHost(door);
  return { src, graph: discover(src, layers) };
}

/** What a rehearsal depends on: the stack, and the programs that close it, which a capture does not have. */
export function rehearsalTerms(graph: Topology, { live }: Door): Pick<RehearsalRecord, 'stack' | 'tools'> {
  const tools = layers.flatMap((layer) => (graph.ofKind(layer.kind).length > 0 ? layer.tools : []));
  return { stack: outline(graph), tools: live ? stampTools(tools) : {} };
}
