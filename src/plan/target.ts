import { UserError } from '../model/errors.ts';
import type { Node } from '../model/node.ts';
import type { Sources } from '../model/sources.ts';
import type { Topology } from '../topology/graph.ts';

/**
 * Finds what a person means by TARGET: a mount point, a device path (also below /dev/disk/by-*), or the bare name of a
 * mapping, LV (VG/LV), VG, array, disk or swap file.
 * @throws UserError when it is nothing on this host, or more than one thing.
 */
export function findTarget(target: string, src: Sources, graph: Topology): Node[] {
  if (target === '') throw new UserError('an empty TARGET: name a mount point, a device or a volume group, or none for everything outside the root');
  if (target.startsWith('/')) return byPath(target, src, graph);
  return byName(target, graph);
}

function byPath(target: string, src: Sources, graph: Topology): Node[] {
  const path = target.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
  const mounts = graph.nodes.filter((node) => ['mount', 'automount', 'swap'].includes(node.kind) && (node.path === path || node.name === path));
  if (mounts.length > 0) return mounts;
  const node = graph.nodes.find((each) => each.kname !== undefined && each.path === path) ?? graph.node(`dev:${src.knameOfPath(path)}`);
  if (node) return [node];
  if (path.startsWith('/dev/')) throw new UserError(`${path} is no open block device here: see "teardown --dry-run" for what is`);
  const holder = src.mountHolding(path);
  throw new UserError(
    `${path} is not a mount point${holder && holder.mountpoint !== '/' ? `; it lies on ${holder.mountpoint}: teardown ${holder.mountpoint} would close that` : ': see "teardown --dry-run" for what is mounted'}`,
  );
}

function byName(target: string, graph: Topology): Node[] {
  const vg = graph.ofKind('lvm').filter((node) => node.facts.vg === target && !node.facts.internal);
  const named = graph.nodes.filter(
    (node) => node.kind !== 'mount' && (node.name === target || node.kname === target || node.facts.uuid === target || node.facts.dm === target),
  );
  if (vg.length > 0 && named.length > 0) {
    throw new UserError(
      `${target} is a volume group and also ${(named[0] as Node).path}: say ${vg.map((node) => node.path).join(' ')} or ${(named[0] as Node).path}`,
    );
  }
  if (named.length > 1) throw new UserError(`${target} could be ${named.map((node) => node.path).join(' or ')}: give the path`);
  const found = vg.length > 0 ? vg : named;
  if (found.length === 0)
    throw new UserError(`nothing here is called ${JSON.stringify(target)}: no mapping, volume group, array or device (a mount point starts with /)`);
  return found;
}
