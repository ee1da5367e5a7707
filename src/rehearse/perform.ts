import { closeSync } from 'node:fs';
import type { Rehearsal } from '../model/rehearsal.ts';
import { lookAfterwards } from './look-afterwards.ts';
import { shutDown } from './shut-down.ts';
import type { Course, Stage } from './stage.ts';
import type { Story } from './story.ts';

/** Builds the miniature in one kernel, shuts it down there, and looks from another at what that left. */
export async function perform(stage: Stage, course: Course, story: Story): Promise<Omit<Rehearsal, 'seconds'>> {
  const end = await shutDown(stage, course, story);
  try {
    return await lookAfterwards(stage, course, end, story);
  } finally {
    closeSync(end.memory);
  }
}
