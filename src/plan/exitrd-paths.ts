import type { Op, Probe, Step } from '../model/step.ts';

/** Where systemd-shutdown puts the old root before it runs /shutdown (systemd: src/shutdown/shutdown.c). */
const OLD_ROOT = '/oldroot';

/** The same step as the exitrd does it: by the kernel's own means where they do, and with paths where it finds them. Devices keep their names. */
export function inExitrd({ bare, ...step }: Step): Step {
  const [first, ...rest] = (bare ?? step.ops).map(moveOp);
  return { ...step, unless: moveProbe(step.unless), ops: [first as Op, ...rest] };
}

/** /dev is there after the pivot as well. */
function moved(path: string): string {
  if (path === '/') return OLD_ROOT;
  return path.startsWith('/dev/') ? path : OLD_ROOT + path;
}

/** The commands that take a path of the old root. */
const TAKES_PATH = ['umount', 'swapoff'];

function moveOp(op: Op): Op {
  if (op.op === 'wait') return { ...op, until: moveProbe(op.until) };
  const placed = op.unless ? { ...op, unless: moveProbe(op.unless) } : op;
  if (placed.op === 'write' || !TAKES_PATH.includes(placed.argv[0])) return placed;
  const [tool, ...paths] = placed.argv;
  return { ...placed, argv: [tool, ...paths.map(moved)] };
}

function moveProbe(probe: Probe): Probe {
  switch (probe.is) {
    case 'not':
      return { is: 'not', of: moveProbe(probe.of) };
    case 'all':
      return { is: 'all', of: probe.of.map(moveProbe) };
    case 'mounted':
      return { ...probe, path: moved(probe.path) };
    case 'swapped':
      return { ...probe, path: moved(probe.path) };
    case 'equals':
      // The kernel tells this path as it looks from the reader's root, which is another one by then.
      return probe.path.endsWith('/loop/backing_file') ? { is: 'exists', path: probe.path } : probe;
    case 'exists':
    case 'field':
      return probe;
    default:
      return probe satisfies never;
  }
}
