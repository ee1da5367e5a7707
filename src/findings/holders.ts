import type { GraphView } from '../model/graph-view.ts';
import type { Holder } from '../model/holder.ts';
import type { Node } from '../model/node.ts';
import type { Sources } from '../model/sources.ts';
import { mountsOf } from '../sources/mountinfo.ts';
import { pathAndParents } from '../sources/places.ts';
import { describeProcess, type Hold, holdsOf, listPids } from '../sources/processes.ts';

/** udev looks into a device after every change, itself or by the programs that its rules name, and closes it by itself. */
const LETS_GO = /^(\(udev-worker\)|systemd-udevd)$/;

export interface HolderSearch {
  readonly holders: readonly Holder[];
  /** Processes that could not be looked into. */
  readonly unseen: number;
}

/** Finds the processes that keep any of these mounts or devices busy. One line a process and node. */
export function findHolders(src: Sources, nodes: readonly Node[], graph: GraphView): HolderSearch {
  const mounts = new Map(nodes.filter((node) => node.kind === 'mount').map((node) => [node.id, node]));
  const devices = new Map(nodes.flatMap((node) => namesOf(node).map((name) => [name, node] as const)));
  const holders: Holder[] = [];
  let unseen = 0;
  if (mounts.size === 0 && devices.size === 0) return { holders, unseen };
  for (const pid of listPids(src.door)) {
    if (src.door.live && pid === process.pid) continue;
    const holds = holdsOf(src.door, pid);
    if (!holds) unseen++;
    if (!holds || holds.length === 0) continue;
    const held = new Map<string, string>();
    const place = placeFinder(src, pid);
    for (const hold of holds) {
      const node = devices.get(hold.path) ?? mounts.get(place(hold) ?? '');
      if (node && !held.has(node.id) && !goesFirst(pid, node, src, graph)) held.set(node.id, `${hold.how} ${hold.path}`);
    }
    if (held.size === 0) continue;
    const { comm, unit } = describeProcess(src.door, pid);
    if (LETS_GO.test(comm) || isUdevs(pid, src)) continue;
    for (const [node, what] of held) holders.push({ node, pid, comm, unit, what });
  }
  return { holders, unseen };
}

/** A program that a rule of udev's started (probe-bcache, blkid): a child of a worker, which sees to its end. */
function isUdevs(pid: number, { door }: Sources): boolean {
  // The second word of stat is the name, which may hold anything.
  const parent = door
    .text(`/proc/${pid}/stat`)
    ?.replace(/^.*\) /s, '')
    .split(' ')[1];
  return parent !== undefined && LETS_GO.test(door.text(`/proc/${parent}/comm`) ?? '');
}

/** A fuse server ends when what it serves is unmounted, which comes before what it lives on. */
function goesFirst(pid: number, node: Node, src: Sources, graph: GraphView): boolean {
  const server = src.fuseServers().find((each) => each.pid === pid);
  return server !== undefined && [...graph.above(node.id)].some((id) => server.serves.includes(graph.node(id)?.path ?? ''));
}

/**
 * Which of our mounts a process's path lies on. In a mount namespace of its own a path means what that namespace makes of it:
 * there the superblock decides.
 */
function placeFinder(src: Sources, pid: number): (hold: Hold) => string | undefined {
  const pathOf = (hold: Hold) => hold.path.replace(/ \(deleted\)$/, '');
  const namespace = src.door.link(`/proc/${pid}/ns/mnt`);
  if (namespace === undefined || namespace === src.door.link('/proc/self/ns/mnt')) return (hold) => src.mountHolding(pathOf(hold))?.id;
  const theirs = new Map(mountsOf(src.door, pid).map((mount) => [mount.mountpoint, mount.devno]));
  return (hold) => {
    const devno = pathAndParents(pathOf(hold)).flatMap((path) => theirs.get(path) ?? [])[0];
    return src.mounts.find((mount) => mount.devno === devno)?.id;
  };
}

function namesOf(node: Node): string[] {
  return node.kname === undefined ? [] : [`/dev/${node.kname.replaceAll('!', '/')}`, node.path, ...(node.facts.dm ? [`/dev/mapper/${node.facts.dm}`] : [])];
}

/** Names on one line that still can be read. */
const SHOWN = 5;

/** "bash (pid 812, session-3.scope; cwd /srv/a), vim (…), and 12 more" */
export function nameHolders(holders: readonly Holder[]): string {
  const more = holders.length > SHOWN ? `, and ${holders.length - SHOWN} more` : '';
  return holders.slice(0, SHOWN).map(nameHolder).join(', ') + more;
}

function nameHolder(holder: Holder): string {
  return `${holder.comm} (pid ${holder.pid}${holder.unit ? `, ${holder.unit}` : ''}; ${holder.what})`;
}
