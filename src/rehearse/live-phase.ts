import type { Report } from '../model/report.ts';
import type { Guest } from './guest.ts';
import { inMiniature } from './in-miniature.ts';
import type { Recipe } from './recipe.ts';
import type { Stage, Subject } from './stage.ts';
import type { Story } from './story.ts';

/** The program's own live phase, in the miniature. What it could not close is in its report, and shows in the guest afterwards. */
export async function livePhase(guest: Guest, { subject, recipe, program, node }: Stage, { tell }: Story): Promise<void> {
  const command = inMiniature(node, program, 'teardown', '--yes', '--json', ...targetsThere(subject, recipe));
  const { out, err, code } = await guest.try(`cd /\n${command}`, 300);
  let report: Report;
  try {
    report = JSON.parse(out) as Report;
  } catch {
    throw new Error(`the live phase ended with exit ${code} and no report: ${err.trim().split('\n').at(-1) ?? ''}`);
  }
  const titles = new Map(report.steps.map((step) => [step.id, step.title]));
  for (const { step, seconds, error } of report.results ?? []) tell({ title: titles.get(step) ?? step, seconds, ...(error !== undefined && { error }) });
}

/** The targets as the guest knows them: a disk or a partition has another name there. */
function targetsThere({ targets }: Subject, recipe: Recipe): string[] {
  return targets.map((node) => (node.kind === 'mount' || node.kind === 'automount' ? node.path : (recipe.paths.get(node.id) ?? node.path)));
}
