import { groupBy } from '../model/group-by.ts';
import type { Mount, PlacedMount } from '../model/sources.ts';

/** Finds out where each mount stands: its node id, what it was mounted on, and which later mounts cover it. */
export function placeMounts(mounts: readonly Mount[]): PlacedMount[] {
  const coversOf = coverFinder(mounts);
  const count = new Map<string, number>();
  const taken = new Set<string>();
  const idOf = new Map<Mount, string>();
  const idOfMountId = new Map<number, string>();
  for (const mount of mounts) {
    let nth = (count.get(mount.mountpoint) ?? 0) + 1;
    // A folder may be called `a#2`.
    while (taken.has(mountNodeId(mount.mountpoint, nth))) nth++;
    count.set(mount.mountpoint, nth);
    const id = mountNodeId(mount.mountpoint, nth);
    taken.add(id);
    idOf.set(mount, id);
    idOfMountId.set(mount.mountId, id);
  }
  return mounts.map((mount) => ({
    ...mount,
    id: idOf.get(mount) as string,
    parent: mount.parentId === mount.mountId ? undefined : idOfMountId.get(mount.parentId),
    coveredBy: coversOf(mount).map((cover) => idOf.get(cover) as string),
  }));
}

/** The node id of the `count`th mount at a path, in the order mountinfo lists them. */
function mountNodeId(mountpoint: string, count: number): string {
  return count === 1 ? `mount:${mountpoint}` : `mount:${mountpoint}#${count}`;
}

/**
 * For each mount, the mounts that cover it: a walk from / to its mount point ends in them. They were mounted later, on
 * one of its ancestors, at a path above (or equal to) its own.
 */
function coverFinder<M extends Mount>(mounts: readonly M[]): (mount: M) => M[] {
  const byId = new Map(mounts.map((mount) => [mount.mountId, mount]));
  const byPath = groupBy(mounts, (mount) => mount.mountpoint);
  return (mount) => {
    const lineage = new Set<number>();
    for (let at: M | undefined = mount; at && !lineage.has(at.mountId); at = byId.get(at.parentId)) lineage.add(at.mountId);
    const found: M[] = [];
    for (const path of pathAndParents(mount.mountpoint)) {
      for (const other of byPath.get(path) ?? []) {
        if (!lineage.has(other.mountId) && lineage.has(other.parentId)) found.push(other);
      }
    }
    return found;
  };
}

/** `/a/b` → `/a/b`, `/a`, `/`. */
export function pathAndParents(path: string): string[] {
  const paths: string[] = [];
  for (let at = path; at.length > 1; at = at.slice(0, at.lastIndexOf('/'))) paths.push(at);
  paths.push('/');
  return paths;
}
