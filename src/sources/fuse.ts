import type { Door, FuseServer, Mount } from '../model/sources.ts';
import { holdsOf, listPids } from './processes.ts';

/**
 * Finds the processes behind fuse mounts: they have /dev/fuse open, and their command line names the mount point. The
 * kernel does not tell which connection is whose before Linux 6.14.
 */
export function readFuseServers(door: Door, mounts: readonly Mount[]): FuseServer[] {
  const points = mounts.filter((mount) => /^fuse(\.|blk|$)/.test(mount.fstype)).map((mount) => mount.mountpoint);
  if (points.length === 0) return [];
  return listPids(door).flatMap((pid) => {
    const isServer = door.list(`/proc/${pid}/fd`).some((fd) => door.link(`/proc/${pid}/fd/${fd}`) === '/dev/fuse');
    if (!isServer) return [];
    const words = (door.text(`/proc/${pid}/cmdline`) ?? '').split('\0');
    const serves = points.filter((point) => words.includes(point));
    return serves.length === 0 ? [] : [{ pid, serves, holds: (holdsOf(door, pid) ?? []).map((hold) => hold.path) }];
  });
}
