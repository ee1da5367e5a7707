import type { Finding } from '../model/finding.ts';
import type { Sources } from '../model/sources.ts';
import { keyfileDevices } from '../plan/keyfiles.ts';
import type { Topology } from '../topology/graph.ts';

/** A LUKS device that holds the keys of others has no use after boot, and while it is open, so are they. `listed`: by the configuration. */
export function keyfileDeviceFindings(src: Sources, graph: Topology, listed: readonly string[] = []): Finding[] {
  return keyfileDevices(src, graph, listed).map(({ id, name, opens }) => ({
    code: 'keyfile-device-open',
    severity: 'warning',
    text: `${name} holds ${opens.length > 0 ? `the key of ${opens.join(', ')}` : 'keys of others'} and is still open: whoever gets in now gets the keys of all`,
    fix: 'uninitramfs keyfiles --close, or at each boot: systemctl enable uninitramfs-keyfiles',
    node: id,
  }));
}
