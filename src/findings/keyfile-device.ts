import type { Finding } from '../model/finding.ts';
import type { Node } from '../model/node.ts';
import type { CrypttabEntry, Sources } from '../model/sources.ts';
import { storageOf } from '../plan/storage.ts';
import type { Topology } from '../topology/graph.ts';

/** A LUKS device that holds the keys of others has no use after boot, and while it is open, so are they. */
export function keyfileDeviceFindings(src: Sources, graph: Topology): Finding[] {
  const devices = new Map<string, { node: Node; opens: string[] }>();
  for (const entry of src.crypttab) {
    for (const node of keyCarriers(entry, src, graph)) {
      const known = devices.get(node.id);
      if (known) known.opens.push(entry.name);
      else devices.set(node.id, { node, opens: [entry.name] });
    }
  }
  return [...devices.values()].map(({ node, opens }) => ({
    code: 'keyfile-device-open',
    severity: 'warning',
    text: `${node.name} holds the key of ${opens.join(', ')} and is still open: whoever gets in now gets the keys of all`,
    fix: `teardown ${node.path}, after a look at what systemd stops along with its mount: systemctl list-dependencies --reverse`,
    node: node.id,
  }));
}

/** The open LUKS devices that a crypttab key field leads to: the mapping itself, or what lies below the mount of the file. */
export function keyCarriers(entry: CrypttabEntry, src: Sources, graph: Topology): Node[] {
  const key = entry.key;
  if (!key?.startsWith('/')) return [];
  const kname = src.knameOfPath(key);
  const start = kname ? `dev:${kname}` : src.mountHolding(key)?.id;
  if (start === undefined) return [];
  return storageOf(start, graph).filter((node) => node.kind === 'crypt' && node.close === 'step' && !graph.pinned(node.id) && node.name !== entry.name);
}
