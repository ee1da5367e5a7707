import { HELPER, unmapsByHelper } from '../model/by-helper.ts';
import type { Step } from '../model/step.ts';
import { compileSteps } from './compile.ts';
import { seal } from './seal.ts';
import type { Plans } from './write.ts';

/**
 * The plans of a tree as sh.
 * @param exitrd the steps of an exitrd that does everything, paths and all.
 * @param live the steps that close what lies outside the root while it is still there, and those of them that come before the network goes.
 * @param hasHelper whether the tree holds the program of helper.c.
 * @param state what the host looked like when the steps were made (shutdown-hooks/state.sh).
 */
export function makePlans(host: string, exitrd: readonly Step[], live: Record<'network' | 'rest', readonly Step[]>, hasHelper: boolean, state: string): Plans {
  return {
    exitrd: seal(`${head(host, exitrd, 'everything, in the exitrd')}${compileSteps(hasHelper ? exitrd.map((step) => unmapsByHelper(step, HELPER)) : exitrd)}`),
    live: livePlan(host, live.rest, 'what lies outside the root, live'),
    network: livePlan(host, live.network, 'what lies on the network, live'),
    state,
  };
}

function livePlan(host: string, steps: readonly Step[], what: string): string | undefined {
  return steps.length > 0 ? seal(`${head(host, steps, what)}${compileSteps(steps.map(bare))}`) : undefined;
}

function bare(step: Step): Step {
  return { ...step, ops: step.bare ?? step.ops };
}

function head(host: string, steps: readonly Step[], what: string): string {
  return `# shellcheck shell=dash\n# ${what}, of ${host.replace(/[^\w.-]/g, '?')}: ${steps.length} steps. Read by steps.sh; the first line is the sum of all after it.\n`;
}
