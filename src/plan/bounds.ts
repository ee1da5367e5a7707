import type { Plan } from './plan.ts';

/** A plan with every bound so many times as long, in whole seconds. */
export function stretched(plan: Plan, factor: number): Plan {
  return factor === 1 ? plan : { ...plan, steps: plan.steps.map((step) => ({ ...step, seconds: Math.ceil(step.seconds * factor) })) };
}
