import type { Finding } from '../model/finding.ts';
import { isNetworkFileSystem } from '../model/network.ts';
import type { PlacedMount, Sources } from '../model/sources.ts';
import { type Connection, plainAddress, readConnections } from '../sources/connections.ts';

export interface NetworkMount {
  /** The node id. */
  readonly id: string;
  readonly path: string;
  readonly source: string;
  /** From its connection alone: to ask the server through the mount would hang where it matters. */
  readonly server: 'answers' | 'silent' | 'unknown';
}

/** Where a server of these listens, unless the options say otherwise (nfs(5), mount.cifs(8)). */
const PORTS: Readonly<Record<string, number>> = { nfs: 2049, nfs4: 2049, cifs: 445, smb3: 445 };

export function networkMounts(src: Sources): NetworkMount[] {
  const mounts = src.mounts.filter(({ fstype }) => isNetworkFileSystem(fstype));
  const connections = mounts.length > 0 ? readConnections(src.door) : [];
  return mounts.map((mount) => ({ id: mount.id, path: mount.mountpoint, source: mount.source, server: serverOf(mount, connections) }));
}

function serverOf({ fstype, superOptions }: PlacedMount, connections: readonly Connection[]): NetworkMount['server'] {
  const option = (name: string) => new RegExp(`(?:^|,)${name}=([^,]+)`).exec(superOptions)?.[1];
  const address = plainAddress(option('addr') ?? '');
  const port = Number(option('port') ?? 0) || PORTS[fstype];
  const own = connections.filter((each) => each.address === address && each.port === port);
  if (own.length === 0) return 'unknown';
  return own.every(({ isSilent }) => isSilent) ? 'silent' : 'answers';
}

/** Servers that do not answer: what waits for one can hold up a shutdown. */
export function networkFindings(mounts: readonly NetworkMount[]): Finding[] {
  return mounts
    .filter(({ server }) => server === 'silent')
    .map(({ id, path, source }) => ({
      code: 'server-silent',
      severity: 'warning',
      text: `the server of ${path} (${source}) does not answer: whatever touches it waits, and unmounting it may take until its bound`,
      fix: `bring the server back, or give its mount up: umount -f ${path}`,
      node: id,
    }));
}
