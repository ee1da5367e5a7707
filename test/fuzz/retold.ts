import { auditThrough } from '../../src/app/audit.ts';
import { captureEntries } from '../../src/capture/entries.ts';
import { recordingDoor } from '../../src/capture/recorder.ts';
import { layers } from '../../src/layers/index.ts';
import { isUserError } from '../../src/model/errors.ts';
import { makeRecipe } from '../../src/rehearse/recipe.ts';
import { type FuzzCase, treeOf } from './cases.ts';
import { asBytes, type Entry, type Tree, treeDoor } from './tree.ts';

/**
 * Captures a host that is garbled, and rehearses it as far as its recipe.
 * @throws Error when the capture gives other steps than the host, or one of them cannot be made.
 */
export function retell(given: FuzzCase): void {
  try {
    const { door, entries } = recordingDoor(treeDoor(treeOf(given)));
    const read = auditThrough(door, []);
    for (const { kname } of read.src.blocks) read.src.udevLinks(kname);
    read.src.fstab();
    const captured: Tree = new Map(
      [...captureEntries(entries, read)].flatMap(([path, entry]): [string, Entry][] => {
        if (entry.is === 'folder') return [];
        return [[path, { is: entry.is, bytes: asBytes(entry.is === 'file' ? entry.text : entry.to) }]];
      }),
    );
    const steps = (one: typeof read) => JSON.stringify(one.report.steps);
    if (steps(auditThrough(treeDoor(captured), [])) !== steps(read)) throw new Error('its capture gives other steps');
    const { ids: wanted } = read.plan.selection;
    makeRecipe({ src: read.src, graph: read.graph }, { layers, wanted, has: () => true });
  } catch (error) {
    if (!isUserError(error)) throw error;
  }
}
