import type { Finding } from '../model/finding.ts';
import { isMemberPool } from '../model/member-pool.ts';
import type { Report, ReportNode } from '../model/report.ts';
import type { Op, Step } from '../model/step.ts';
import type { Topology } from '../topology/graph.ts';
import type { Plan } from './plan.ts';

/** The documented form of a plan: what `--json` prints and what every picture is drawn from. */
export function makeReport(host: string, graph: Topology, plan: Plan, findings: readonly Finding[]): Report {
  return {
    schema: 1,
    host,
    nodes: graph.nodes.map(
      (node): ReportNode => ({
        id: node.id,
        kind: node.kind,
        name: node.name,
        kname: node.kname ?? null,
        path: node.path,
        below: [...graph.directlyBelow(node.id)],
        mountpoints: mountpoints(graph, node.id),
        facts: node.facts,
        pinned: graph.pinned(node.id),
        selected: plan.selection.ids.has(node.id),
      }),
    ),
    steps: plan.steps.map((step) => ({
      id: step.id,
      title: step.title,
      stage: step.stage,
      node: step.node,
      closes: [...step.closes],
      needs: [...step.needs],
      commands: commandsOf(step),
      seconds: step.seconds,
      onFail: step.onFail,
    })),
    findings: findings.map((finding) => ({ ...finding })),
  };
}

function mountpoints(graph: Topology, id: string): string[] {
  const own = graph.node(id);
  if (own?.kind === 'mount') return [own.path];
  return graph.directlyAbove(id).flatMap((above) => {
    const node = graph.node(above);
    if (isMemberPool(node)) return mountpoints(graph, above);
    return node?.kind === 'mount' ? [node.path] : [];
  });
}

/** What a step stands for, as commands. Waiting is no command, and what is only for an unlikely turn of events is left out. */
function commandsOf(step: Step): string[][] {
  const own = (step.unless.is === 'all' ? [step.unless, ...step.unless.of] : [step.unless]).map((probe) => JSON.stringify(probe));
  const usual = step.ops.filter((op) => op.op === 'wait' || op.unless === undefined || own.includes(JSON.stringify(op.unless)));
  return usual.flatMap((op) => commandOf(op));
}

function commandOf(op: Op): string[][] {
  switch (op.op) {
    case 'run':
      return [[...op.argv]];
    case 'write':
      return [['write', op.path, op.text]];
    case 'wait':
      return [];
    default:
      return op satisfies never;
  }
}
