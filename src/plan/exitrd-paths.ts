import type { Op, Probe, Step } from '../model/step.ts';

/** Where systemd-shutdown puts the old root before it runs /shutdown (systemd: src/shutdown/shutdown.c). */
const OLD_ROOT = '/oldroot';

/** The same step with its mount points where the exitrd finds them. Devices keep their names. */
export function inExitrd(step: Step): Step {
  if (!step.node.startsWith('mount:')) return step;
  const [first, ...rest] = step.ops.map(moveOp);
  return { ...step, unless: moveProbe(step.unless), ops: [first as Op, ...rest] };
}

function moved(path: string): string {
  return path === '/' ? OLD_ROOT : OLD_ROOT + path;
}

function moveOp(op: Op): Op {
  if (op.op !== 'run' || op.argv[0] !== 'umount') return op;
  return { ...op, argv: ['umount', ...op.argv.slice(1).map(moved)] };
}

function moveProbe(probe: Probe): Probe {
  if (probe.is === 'not') return { is: 'not', of: moveProbe(probe.of) };
  return probe.is === 'mounted' ? { ...probe, path: moved(probe.path) } : probe;
}
