import { closeSync } from 'node:fs';
import { bootStage } from './boot-stage.ts';
import { build } from './build.ts';
import { inhabit } from './inhabit.ts';
import { livePhase } from './live-phase.ts';
import { moveIn } from './move-in.ts';
import { namesOf, openNow } from './open-things.ts';
import { type Course, endsByItself, hasExitrd, type Stage } from './stage.ts';
import { staysLive } from './stays.ts';
import type { Story } from './story.ts';
import { watchDisks } from './watch-disks.ts';

/** How a miniature ended. */
export interface End {
  /** What was filled in, by the step that did it. */
  readonly sums: ReadonlyMap<string, string>;
  /** Names, as the kernel gives them, of what had to be closed. */
  readonly closable: readonly string[];
  /** Those that were open after the live phase; after a shutdown the console tells. */
  readonly open: readonly string[];
  /** Disk files that the guest's kernel had open when it was last seen. */
  readonly held: ReadonlySet<string>;
  readonly console: string;
  /** The guest's memory: a descriptor that outlived it. */
  readonly memory: number;
}

/** Makes the miniature, moves in, and shuts it down as `course` says. The caller closes `memory`. */
export async function shutDown(stage: Stage, course: Course, story: Story): Promise<End> {
  const { subject, recipe, disks, program, node } = stage;
  const guest = await story.timed('boot a kernel of its own', () => bootStage(stage, { noUdev: false }));
  let memory: number | undefined;
  try {
    const sums = await build(guest, recipe, inhabit(subject.src, stage.tree ?? '', node), story.tell);
    await story.timed('move in', () => moveIn(guest, program, subject.src));
    const before = await openNow(guest);
    let closable = before;
    let open = before;
    let held: ReadonlySet<string> = new Set(disks);
    if (hasExitrd(course)) await story.timed('install the exitrd', () => course.installExitrd(guest, program, node));
    const { fault } = course;
    if (fault) await story.timed(`fault: ${fault.title}`, () => guest.run(`cd /\n${fault.script}`, 60));
    if (!course.stock && course.phase !== 'exitrd') {
      await livePhase(guest, stage, story);
      open = await openNow(guest);
      const kept = namesOf(subject.graph.nodes.filter((each) => staysLive(each.id, subject)));
      if (course.phase === 'live') closable = before.filter((name) => !kept.has(name));
    }
    memory = guest.openMemory();
    if (endsByItself(course)) {
      await story.timed(course.stock ? 'shut down as the system does by itself' : 'shut down, into the exitrd', async () => {
        const endWatch = watchDisks(guest.pid, disks);
        await guest.run('echo /run/rehearsal/handover.sh >/run/pid1');
        try {
          await guest.ended(fault ? 300 : 120);
        } finally {
          held = endWatch();
        }
      });
    } else {
      await story.timed('pull the plug', () => guest.stop());
    }
    const console = guest.console();
    stage.note('console-shutdown.log', console);
    return { sums, closable, open, held, console, memory };
  } catch (error) {
    if (memory !== undefined) closeSync(memory);
    throw error;
  } finally {
    await guest.stop();
  }
}
