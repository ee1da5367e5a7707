import type { MiniStep } from '../model/miniature.ts';
import type { Rehearsal } from '../model/rehearsal.ts';
import { bootStage } from './boot-stage.ts';
import { examine } from './build.ts';
import { type Key, searchMemory } from './memory.ts';
import { openAtTheEnd } from './open-things.ts';
import type { End } from './shut-down.ts';
import { type Course, endsByItself, type Stage } from './stage.ts';
import { isLeftOpen } from './stays.ts';
import type { Story } from './story.ts';
import { surelyClosed } from './surely-closed.ts';

/** Puts the miniature together again in another kernel, searches the memory of the first one, and says what the shutdown came to. */
export async function lookAfterwards(stage: Stage, course: Course, end: End, story: Story): Promise<Omit<Rehearsal, 'seconds'>> {
  const { subject, recipe } = stage;
  const isOff = endsByItself(course);
  const second = await story.timed('boot another kernel to look at the disks', () => bootStage(stage, { noUdev: true }));
  try {
    const stays = (step: MiniStep) => course.phase === 'live' && !course.stock && isLeftOpen(step, subject);
    const proof = await examine(second, recipe, { sums: end.sums, stays, spoils: course.fault?.spoils ?? (() => false), tell: story.tell });
    stage.note('console-look.log', second.console());
    const volumeKeys = [...proof.keys].map(([name, hex]): Key => ({ name, bytes: Buffer.from(hex, 'hex') }));
    const search = isOff ? searchMemory(end.memory, stage.key, volumeKeys) : undefined;
    const open = search ? stillOpen(stage, end, search.gone) : end.open;
    const left = open.filter((name) => end.closable.includes(name));
    const panicked = isOff && !/reboot: (System halted|Power down)/.test(end.console);
    const unclean = [...(panicked ? ['the guest ended without powering off: its kernel panicked'] : []), ...proof.unclean];
    const keys = search && volumeKeys.length > 0 ? { found: search.found, fragments: search.fragments } : null;
    return {
      schema: 1,
      host: subject.src.host,
      phase: course.stock ? 'stock' : course.phase,
      steps: story.steps,
      standIns: recipe.standIns,
      notes: recipe.notes,
      closed: end.closable.length - left.length,
      of: end.closable.length,
      open: left,
      asked: proof.asked,
      unclean,
      keys,
      ok: left.length === 0 && unclean.length === 0 && (keys?.found ?? 0) === 0,
    } satisfies Omit<Rehearsal, 'seconds'>;
  } finally {
    await second.stop();
  }
}

function stillOpen({ subject, recipe, disks }: Stage, end: End, withoutKey: ReadonlySet<string>): readonly string[] {
  if (end.held.size === 0) return [];
  const free = disks.map((file) => !end.held.has(file));
  const closed = surelyClosed(subject.graph, recipe, { console: end.console, withoutKey, free });
  return openAtTheEnd(end.console).filter((name) => !closed.has(name));
}
