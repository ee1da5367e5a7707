import type { Node } from '../model/node.ts';
import type { StepPlan } from '../model/step.ts';

/** Where `dmsetup status` of a cache target says how many blocks are dirty (kernel: Documentation/admin-guide/device-mapper/cache.rst). */
const DIRTY_FIELD = 13;

/**
 * The step that writes an LV's cache back before the LV goes. A cache that stays dirty is safe (it is on disk, and the next
 * activation goes on with it), so the step is a courtesy with a bound that each sign of progress renews.
 */
export function flushOf(node: Node): StepPlan[] {
  const device = node.facts.operand;
  if (!node.facts.cache || !device) return [];
  const clean = { is: 'field', argv: ['dmsetup', 'status', device], index: DIRTY_FIELD, text: '0' } as const;
  const step = { id: `flush:${node.name}`, node: node.id, closes: [], seconds: 30, progress: ['dmsetup', 'status', device], onFail: 'go-on' } as const;
  if (node.facts.cache === 'writecache') {
    // `flush` returns when everything is on the origin (kernel: Documentation/admin-guide/device-mapper/writecache.rst).
    const here = { is: 'equals', path: `/sys/block/${node.kname}/dm/name`, text: node.facts.dm ?? '' } as const;
    return [
      {
        ...step,
        title: `flush writecache of ${node.name}`,
        unless: { is: 'not', of: here },
        ops: [{ op: 'run', argv: ['dmsetup', 'message', device, '0', 'flush'] }],
      },
    ];
  }
  // The smq policy writes dirty blocks back by itself once the origin is idle, which it is by now.
  return [{ ...step, title: `let the cache of ${node.name} write back`, unless: clean, ops: [{ op: 'wait', until: clean, seconds: 30 }] }];
}
