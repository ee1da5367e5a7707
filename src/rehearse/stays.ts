import type { MiniStep } from '../model/miniature.ts';
import type { Subject } from './stage.ts';

/** What a live phase leaves open: what backs the root, and what nobody asked for. */
export function staysLive(id: string, { graph, wanted }: Subject): boolean {
  return graph.pinned(id) || !wanted.has(id);
}

/** A step whose traces on the disks a live phase alone says nothing about. */
export function isLeftOpen(step: MiniStep, subject: Subject): boolean {
  const ids = step.makes.length > 0 ? step.makes : step.needs.map((need) => need.replace(/^mkfs:/, ''));
  return ids.some((id) => staysLive(id, subject));
}
