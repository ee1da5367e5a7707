import { rehearse } from '../../../src/app/rehearse.ts';
import type { Rehearsal } from '../../../src/model/rehearsal.ts';
import { ensureTree } from './tree.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

/** Rehearses a captured host over the lab's tree. */
export async function rehearsal(host: string, more: Partial<Parameters<typeof rehearse>[0]> = {}): Promise<Rehearsal> {
  const sysroot = new URL(`../../fixtures/${host}/sysroot`, import.meta.url).pathname;
  const tree = await ensureTree(say);
  return rehearse({ sysroot, targets: [], phase: 'both', stock: false, fault: undefined, keep: undefined, tree, onStep: () => undefined, say, ...more });
}
