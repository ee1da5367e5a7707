import type { BlockDevice, DmInfo, Door } from '../model/sources.ts';
import { splitLvmName } from './lvm-name.ts';

/** A path component of NVMe multipath that is no device of its own (kernel: drivers/nvme/host/multipath.c). */
const HIDDEN = /^nvme\d+c\d+n\d+$/;

/** Reads every block device of /sys/block with its partitions. Unbound loop devices and empty slots are left out. */
export function readBlocks(door: Door): BlockDevice[] {
  const blocks: BlockDevice[] = [];
  for (const kname of door.list('/sys/block')) {
    if (HIDDEN.test(kname)) continue;
    const sys = `/sys/block/${kname}`;
    const dm = kname.startsWith('dm-') ? readDm(door, sys) : undefined;
    const entries = dm ? [] : door.list(sys);
    if (kname.startsWith('loop') && !entries.includes('loop')) continue;
    // It has the pid of who connected it as long as it is connected (kernel: drivers/block/nbd.c).
    if (/^nbd\d+$/.test(kname) && !entries.includes('pid')) continue;
    blocks.push({ kname, sys, devPath: devPath(kname), slaves: door.list(`${sys}/slaves`), entries, ...(dm && { dm }) });
    for (const entry of entries) {
      if (isPartitionOf(kname, entry)) {
        blocks.push({ kname: entry, sys: `${sys}/${entry}`, devPath: devPath(entry), partitionOf: kname, slaves: [], entries: [] });
      }
    }
  }
  return blocks;
}

/** The kernel names partitions DISK + N, or DISK + pN when the disk's name ends in a digit (block/partitions/core.c). */
function isPartitionOf(disk: string, name: string): boolean {
  if (!name.startsWith(disk)) return false;
  const rest = name.slice(disk.length);
  return /\d$/.test(disk) ? /^p\d+$/.test(rest) : /^\d+$/.test(rest);
}

function devPath(kname: string): string {
  return `/dev/${kname.replaceAll('!', '/')}`;
}

function readDm(door: Door, sys: string): DmInfo | undefined {
  const name = door.text(`${sys}/dm/name`);
  if (name === undefined) return undefined;
  const uuid = door.text(`${sys}/dm/uuid`) ?? '';
  const lvm = uuid.startsWith('LVM-') ? splitLvmName(name) : undefined;
  const suspended = door.text(`${sys}/dm/suspended`) === '1';
  const mapper = `/dev/mapper/${name}`;
  const path = lvm ? `/dev/${lvm.vg}/${lvm.lv}` : mapper;
  return { name, uuid, suspended, path, operand: name.startsWith('-') ? mapper : name, ...(lvm && { lvm }) };
}
