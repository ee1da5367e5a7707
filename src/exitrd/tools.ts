import type { Op, Probe, Step } from '../model/step.ts';

/** The programs that steps call, each with the titles of the steps that do. */
export function toolsOf(steps: readonly Step[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const step of steps) {
    const tools = [...step.ops.flatMap(ofOp), ...ofProbe(step.unless), ...(step.progress ? [step.progress[0]] : [])];
    for (const tool of new Set(tools)) found.set(tool, [...(found.get(tool) ?? []), step.title]);
  }
  return found;
}

function ofOp(op: Op): string[] {
  switch (op.op) {
    case 'run':
      return [op.argv[0], ...(op.unless ? ofProbe(op.unless) : [])];
    case 'write':
      return op.unless ? ofProbe(op.unless) : [];
    case 'wait':
      return ofProbe(op.until);
    default:
      return op satisfies never;
  }
}

function ofProbe(probe: Probe): string[] {
  switch (probe.is) {
    case 'field':
      return [probe.argv[0]];
    case 'not':
      return ofProbe(probe.of);
    case 'all':
      return probe.of.flatMap(ofProbe);
    default:
      return [];
  }
}
