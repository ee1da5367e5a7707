import type { Step } from '../model/step.ts';
import { compileSteps } from './compile.ts';
import { seal } from './seal.ts';
import type { Plans } from './write.ts';

/**
 * The two plans of a tree as sh.
 * @param exitrd the steps of an exitrd that does everything, paths and all.
 * @param live the steps that close what lies outside the root while it is still there.
 */
export function makePlans(host: string, exitrd: readonly Step[], live: readonly Step[]): Plans {
  return {
    exitrd: seal(`${head(host, exitrd, 'everything, in the exitrd')}${compileSteps(exitrd)}`),
    live: seal(`${head(host, live, 'what lies outside the root, live')}${compileSteps(live.map(bare))}`),
  };
}

function bare(step: Step): Step {
  return { ...step, ops: step.bare ?? step.ops };
}

function head(host: string, steps: readonly Step[], what: string): string {
  return `# shellcheck shell=dash\n# ${what}, of ${host.replace(/[^\w.-]/g, '?')}: ${steps.length} steps. Read by steps.sh; the last line is the sum of all before it.\n`;
}
