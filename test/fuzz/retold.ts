import { type Audit, auditThrough } from '../../src/app/audit.ts';
import { captureEntries } from '../../src/capture/entries.ts';
import { recordingDoor } from '../../src/capture/recorder.ts';
import { layers } from '../../src/layers/index.ts';
import { isUserError } from '../../src/model/errors.ts';
import type { Door } from '../../src/model/sources.ts';
import { makeRecipe } from '../../src/rehearse/recipe.ts';
import { type FuzzCase, treeOf } from './cases.ts';
import { asBytes, type Entry, type Tree, treeDoor } from './tree.ts';

/**
 * Captures a host that is garbled, and rehearses it as far as its recipe. Where two files contradict each other, which no kernel's do, a capture
 * holds one of them; what is captured from that one is the same for ever.
 * @throws Error when it is not, or when one of these cannot be made.
 */
export function retell(given: FuzzCase): void {
  try {
    const { tree, read } = captured(treeDoor(treeOf(given)));
    const { ids: wanted } = read.plan.selection;
    makeRecipe({ src: read.src, graph: read.graph }, { layers, wanted, has: () => true });
    const again = captured(treeDoor(tree));
    const steps = ({ report }: Audit) => JSON.stringify(report.steps);
    if (steps(auditThrough(treeDoor(again.tree), [])) !== steps(again.read)) throw new Error('its capture gives other steps');
  } catch (error) {
    if (!isUserError(error)) throw error;
  }
}

function captured(from: Door): { tree: Tree; read: Audit } {
  const { door, entries } = recordingDoor(from);
  const read = auditThrough(door, []);
  for (const { kname } of read.src.blocks) read.src.udevLinks(kname);
  read.src.fstab();
  const all = [...captureEntries(entries, read)].flatMap(([path, entry]): [string, Entry][] => {
    if (entry.is === 'folder') return [];
    return [[path, { is: entry.is, bytes: asBytes(entry.is === 'file' ? entry.text : entry.to) }]];
  });
  return { tree: new Map(all), read };
}
