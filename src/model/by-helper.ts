import type { Argv, Step } from './step.ts';

/** The program of helper.c. */
export const HELPER = 'uninitramfs-helper';

/**
 * Steps in which the program of helper.c does what takes a tool ten times as long to start as to do, and a stack is closed one thing after another.
 * @param helper its path, or its name.
 */
export function unmapsByHelper(step: Step, helper: string): Step {
  return instead(step, ([tool, verb, name, ...more]) =>
    tool === 'dmsetup' && verb === 'remove' && name !== undefined && more.length === 0 ? [helper, 'unmap', name.replace(/^\/dev\/mapper\//, '')] : undefined,
  );
}

/** See unmapsByHelper. */
export function unmountsByHelper(step: Step, helper: string): Step {
  return instead(step, ([tool, path, ...more]) => (tool === 'umount' && path !== undefined && more.length === 0 ? [helper, 'unmount', path] : undefined));
}

function instead(step: Step, other: (argv: Argv) => Argv | undefined): Step {
  const [first, ...rest] = step.ops.map((op) => (op.op === 'run' ? { ...op, argv: other(op.argv) ?? op.argv } : op));
  return first ? { ...step, ops: [first, ...rest] } : step;
}
