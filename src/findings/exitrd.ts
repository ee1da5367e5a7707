import type { Finding } from '../model/finding.ts';
import { EXITRD_HOME, EXITRD_LIB } from '../model/places.ts';
import type { Door } from '../model/sources.ts';
import type { Topology } from '../topology/graph.ts';

interface Neighbour {
  readonly unit: string;
  /** Without this file it does nothing. */
  readonly needs?: string;
  /** Why it does no harm to a tree of ours. */
  readonly yields: string;
}

/** Other programs that put an exitrd there. What each does was read in the file its `unit` names. */
const NEIGHBOURS: readonly Neighbour[] = [
  { unit: 'dracut-shutdown.service', yields: 'it finds a bin/sh there and leaves the place alone' },
  { unit: 'mdadm-shutdown.service', needs: '/usr/bin/dracut', yields: 'it cannot write there, because our tree is read-only' },
  { unit: 'finalrd.service', yields: 'it cannot write there, because our tree is read-only' },
  { unit: 'mkinitcpio-generate-shutdown-ramfs.service', yields: 'it cannot write there, because our tree is read-only' },
  { unit: 'generate-shutdown-ramfs.service', yields: 'it cannot write there, because our tree is read-only' },
];

/** Whether the next shutdown has an exitrd, and who else wants to be it. */
export function exitrdFindings(graph: Topology, door: Door): Finding[] {
  const isOurs = door.exists(`${EXITRD_HOME}${EXITRD_LIB}/steps.sh`);
  const others = NEIGHBOURS.filter(({ unit, needs }) => isActive(unit, door) && (needs === undefined || door.exists(needs)));
  const found = others.map(({ unit, yields }): Finding => {
    const text = isOurs
      ? `${unit} also claims ${EXITRD_HOME}: ours is there and wins; ${yields}`
      : `${unit} claims ${EXITRD_HOME}: the next shutdown enters its tree, not ours`;
    const fix = isOurs ? `systemctl mask ${unit}, to be rid of its messages` : 'uninitramfs exitrd install';
    return { code: 'exitrd-neighbour', severity: isOurs ? 'info' : 'warning', text, fix };
  });
  const below = graph.nodes.filter((node) => graph.pinned(node.id) && node.close === 'step' && node.kind !== 'mount');
  if (isOurs || others.length > 0 || below.length === 0) return found;
  return [
    {
      code: 'exitrd-missing',
      severity: 'warning',
      text: `no exitrd is installed: ${below.length} device${below.length === 1 ? '' : 's'} below the root will still be open when the power goes`,
      fix: 'systemctl enable --now uninitramfs-exitrd (or once: uninitramfs exitrd install)',
    },
  ];
}

function isActive(unit: string, door: Door): boolean {
  if (door.link(`/etc/systemd/system/${unit}`) === '/dev/null') return false;
  return ['/etc', '/usr/lib', '/lib'].some((place) => door.exists(`${place}/systemd/system/${unit}`));
}
