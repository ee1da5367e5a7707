import type { Finding } from '../model/finding.ts';
import { EXITRD_HOME, EXITRD_LIB, EXITRD_SOURCE } from '../model/places.ts';
import type { Door, Sources } from '../model/sources.ts';
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

/** Whose exitrd the next shutdown enters. `not-needed`: there is none, and nothing below the root has to be closed. */
export type ExitrdState = 'ours' | 'other' | 'missing' | 'not-needed';

export function exitrdState(graph: Topology, src: Sources): ExitrdState {
  if (isInPlace(src)) return 'ours';
  if (neighbours(src.door).length > 0) return 'other';
  return belowRoot(graph) === 0 ? 'not-needed' : 'missing';
}

/** Whether the next shutdown has an exitrd, and who else wants to be it. */
export function exitrdFindings(graph: Topology, src: Sources): Finding[] {
  const state = exitrdState(graph, src);
  const isOurs = state === 'ours';
  const found = neighbours(src.door).map(({ unit, yields }): Finding => {
    const text = isOurs
      ? `${unit} also claims ${EXITRD_HOME}: ours is there and wins; ${yields}`
      : `${unit} claims ${EXITRD_HOME}: the next shutdown enters its tree, not ours`;
    const fix = isOurs ? `systemctl mask ${unit}, to be rid of its messages` : 'uninitramfs exitrd install';
    return { code: 'exitrd-neighbour', severity: isOurs ? 'info' : 'warning', text, fix };
  });
  if (state !== 'missing') return found;
  const below = belowRoot(graph);
  return [
    {
      code: 'exitrd-missing',
      severity: 'warning',
      text: `no exitrd is installed: ${below} device${below === 1 ? '' : 's'} below the root will still be open when the power goes`,
      fix: 'systemctl enable --now uninitramfs-exitrd (or once: uninitramfs exitrd install)',
    },
  ];
}

/** Only root can look into the tree; that it is there, the mount table tells everybody. */
function isInPlace({ door, mountsAt }: Sources): boolean {
  const isTree = mountsAt(EXITRD_HOME).some(({ fstype, source }) => fstype === 'tmpfs' && source === EXITRD_SOURCE);
  return isTree || door.exists(`${EXITRD_HOME}${EXITRD_LIB}/steps.sh`);
}

function neighbours(door: Door): Neighbour[] {
  return NEIGHBOURS.filter(({ unit, needs }) => isActive(unit, door) && (needs === undefined || door.exists(needs)));
}

/** How many devices only an exitrd can close. */
export function belowRoot(graph: Topology): number {
  return graph.nodes.filter((node) => graph.pinned(node.id) && node.close === 'step' && node.kind !== 'mount').length;
}

function isActive(unit: string, door: Door): boolean {
  if (door.link(`/etc/systemd/system/${unit}`) === '/dev/null') return false;
  return ['/etc', '/usr/lib', '/lib'].some((place) => door.exists(`${place}/systemd/system/${unit}`));
}
