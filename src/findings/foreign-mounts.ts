import type { Holder } from '../model/holder.ts';
import type { Node } from '../model/node.ts';
import type { Sources } from '../model/sources.ts';
import { mountsOf } from '../sources/mountinfo.ts';
import { describeProcess, listPids } from '../sources/processes.ts';

/**
 * Finds processes in mount namespaces of their own (a container, a service with PrivateTmp, an `unshare`) where these devices
 * are still mounted: no process of ours holds them then, and they stay busy all the same. One line a namespace and node.
 */
export function findForeignMounts(src: Sources, nodes: readonly Node[]): Holder[] {
  const devices = new Map(nodes.flatMap((node) => devnosOf(src, node).map((devno) => [devno, node.id] as const)));
  const ours = src.door.link('/proc/self/ns/mnt');
  const seen = new Set([ours]);
  const found: Holder[] = [];
  for (const pid of devices.size === 0 ? [] : listPids(src.door)) {
    const namespace = src.door.link(`/proc/${pid}/ns/mnt`);
    if (namespace === undefined || seen.has(namespace)) continue;
    seen.add(namespace);
    const told = new Set<string>();
    for (const mount of mountsOf(src.door, pid)) {
      const node = devices.get(mount.devno);
      if (node === undefined || told.has(node)) continue;
      told.add(node);
      found.push({ node, ...describeProcess(src.door, pid), what: `its mount namespace has ${mount.mountpoint}` });
    }
  }
  return found;
}

/** A mount's own superblock, or the device itself. */
function devnosOf(src: Sources, node: Node): string[] {
  const mount = src.mounts.find((entry) => entry.id === node.id);
  if (mount) return [mount.devno];
  const block = node.kname === undefined ? undefined : src.block(node.kname);
  const devno = block && src.door.text(`${block.sys}/dev`);
  return devno === undefined ? [] : [devno];
}
