import type { GraphView } from '../model/graph-view.ts';
import type { Holder } from '../model/holder.ts';
import type { Node } from '../model/node.ts';
import type { Mount, Sources } from '../model/sources.ts';
import { mountsOf } from '../sources/mountinfo.ts';
import { describeProcess, listPids } from '../sources/processes.ts';

/**
 * Finds processes in mount namespaces of their own (a container, a service with PrivateTmp, an `unshare`) where these devices
 * are still mounted: no process of ours holds them then, and they stay busy all the same. One line a namespace and node.
 * @param staying only what is still there once it is unmounted here: most namespaces of services follow what the host does.
 */
export function findForeignMounts(src: Sources, nodes: readonly Node[], graph: GraphView, staying = false): Holder[] {
  const devices = new Map(nodes.flatMap((node) => devnosOf(src, node, graph).map((devno) => [devno, node.id] as const)));
  const ours = src.door.link('/proc/self/ns/mnt');
  const seen = new Set([ours]);
  const found: Holder[] = [];
  for (const pid of devices.size === 0 ? [] : listPids(src.door)) {
    const namespace = src.door.link(`/proc/${pid}/ns/mnt`);
    if (namespace === undefined || seen.has(namespace)) continue;
    seen.add(namespace);
    const told = new Set<string>();
    const theirs = mountsOf(src.door, pid);
    for (const mount of theirs) {
      const node = devices.get(mount.devno) ?? memberOf(mount, nodes, src);
      if (node === undefined || told.has(node) || (staying && goesAlong(mount, theirs, src))) continue;
      told.add(node);
      found.push({ node, ...describeProcess(src.door, pid), what: `its mount namespace has ${mount.mountpoint}` });
    }
  }
  return found;
}

/** A mount's own superblock, or the device itself, or that of a file system over several devices which it is a member of. */
function devnosOf(src: Sources, node: Node, graph: GraphView): string[] {
  const mount = src.mounts.find((entry) => entry.id === node.id);
  if (mount) return [mount.devno];
  const devno = node.kname === undefined ? undefined : src.door.text(`${src.block(node.kname)?.sys}/dev`);
  const pools = ['btrfs', 'bcachefs'].flatMap((kind) => graph.ofKind(kind)).filter((pool) => pool.below.includes(node.id));
  const mounts = src.mounts.filter((entry) => pools.some((pool) => graph.node(entry.id)?.below.includes(pool.id)));
  return [...(devno === undefined ? [] : [devno]), ...new Set(mounts.map((entry) => entry.devno))];
}

/** What is mounted nowhere here has a number that says nothing, where it is a file system over several devices. */
function memberOf({ devno, source }: Mount, nodes: readonly Node[], src: Sources): string | undefined {
  if (!devno.startsWith('0:') || !source.startsWith('/dev/')) return undefined;
  const knames = new Set([source, ...source.split(':')].flatMap((path) => src.knameOfPath(path) ?? []));
  const pools = [...src.btrfs, ...src.bcachefs].filter(({ members }) => members.some((kname) => knames.has(kname)));
  return nodes.find(({ kname }) => kname !== undefined && (knames.has(kname) || pools.some(({ members }) => members.includes(kname))))?.id;
}

/** An unmount here is passed on to where the mount it stood on has a peer or a slave (mount_namespaces(7)). */
function goesAlong(mount: Mount, theirs: readonly Mount[], src: Sources): boolean {
  const receives = groupsOf(
    theirs.find(({ mountId }) => mountId === mount.parentId),
    /^(?:shared|master|propagate_from):/,
  );
  return src.mounts.some((own) => {
    if (own.devno !== mount.devno || own.fsRoot !== mount.fsRoot) return false;
    const passesOn = groupsOf(
      src.mounts.find(({ mountId }) => mountId === own.parentId),
      /^shared:/,
    );
    return passesOn.some((group) => receives.includes(group));
  });
}

function groupsOf(mount: Mount | undefined, words: RegExp): string[] {
  return mount?.propagation.flatMap((word) => (words.test(word) ? [word.replace(words, '')] : [])) ?? [];
}
