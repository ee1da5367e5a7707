import { unmapsByHelper, unmountsByHelper } from '../model/by-helper.ts';
import type { Node } from '../model/node.ts';
import type { Door } from '../model/sources.ts';
import type { Step } from '../model/step.ts';
import type { Topology } from '../topology/graph.ts';

/** What cryptsetup keeps no other device or record for than the mapping itself. */
const ALONE = ['LUKS1', 'LUKS2', 'PLAIN'];
/** There the lock of a shared VG is held as long as its LVs are active (lvmlockd(8)). */
const SHARED = '/run/lvm/lvmlockd.socket';
/** What umount(8) asks no helper of the file system's own for, */
const FILE_SYSTEMS = 'btrfs exfat ext2 ext3 ext4 f2fs iso9660 jfs overlay reiserfs squashfs tmpfs udf vfat xfs'.split(' ');
/** and where it has kept a record of its own (libmount: mount(8), FILES). */
const RECORDS = '/run/mount/utab';

/**
 * The same live steps, where the kernel's own call is all there is to do: of plain LVs, dm-crypt devices, mappings and local mounts. vgchange reads
 * every device of the host each time it is called, and the tools take many times longer to start than their work takes.
 * @param helper the program of helper.c.
 */
export function swift(steps: readonly Step[], graph: Topology, door: Door, helper: string): Step[] {
  const isShared = door.exists(SHARED);
  const records = door.text(RECORDS) ?? '';
  const isIntegrity = (id: string) => graph.node(id)?.facts.type === 'INTEGRITY';
  const isMapping = ({ id, kind, facts }: Node): boolean => {
    if (kind === 'lvm') return !isShared;
    return ['dm', 'integrity', 'verity'].includes(kind) || (kind === 'crypt' && ALONE.includes(facts.type ?? '') && !graph.directlyBelow(id).some(isIntegrity));
  };
  const isPlainMount = ({ kind, facts, path }: Node) => kind === 'mount' && FILE_SYSTEMS.includes(facts.fstype ?? '') && !records.includes(path);
  return steps.map((step) => {
    const nodes = step.closes.flatMap((id) => graph.node(id) ?? []);
    if (nodes.length === 0) return step;
    if (nodes.every(isMapping)) return unmapsByHelper({ ...step, ops: step.bare ?? step.ops }, helper);
    return nodes.every(isPlainMount) ? unmountsByHelper(step, helper) : step;
  });
}
