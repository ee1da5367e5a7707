import { expect } from 'vitest';
import type { Report } from '../../../src/model/report.ts';
import type { Guest } from './uml.ts';

/** Builds a layer of hosts/layers.sh, lets the program tear it down, and asks the system's own tools whether that is true. */
export async function proveLayer(guest: Guest, layer: string): Promise<void> {
  const use = '. /lab/hosts/layers.sh';
  await guest.run(`${use}\nground\n${layer}`, 180);
  const before = JSON.parse(await guest.run('teardown --dry-run --json')) as Report;
  expect(before.steps.filter((step) => step.stage === 'live').length).toBeGreaterThan(0);
  const run = await guest.try('teardown --yes');
  expect(run.out).toContain('Nothing is left open');
  expect(run.code).toBe(0);
  expect(await guest.run(`${use}\nclosed`)).toContain('all closed');
  await guest.run(`${use}\nagain_${layer}`, 120);
}
