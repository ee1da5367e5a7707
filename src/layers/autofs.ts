import type { Layer } from '../model/layer.ts';
import { isNameable } from '../model/nameable.ts';
import type { Node } from '../model/node.ts';
import type { PlacedMount, Sources } from '../model/sources.ts';
import type { Op, Probe, StepPlan } from '../model/step.ts';

/** Automount points, of systemd's automount units and of automount(8). Left running they would mount again what was just taken off. */
export const autofs: Layer = {
  kind: 'automount',
  tools: ['systemctl', 'umount'],
  discover: (src) => src.mounts.filter((entry) => entry.fstype === 'autofs').map((entry) => describe(entry, src)),
  edges: (src) => src.mounts.filter((entry) => entry.fstype === 'autofs').flatMap((entry) => carriers(entry, src).map((below) => ({ above: entry.id, below }))),
  teardown: (nodes, graph) => {
    const daemons = graph.ofKind('automount').filter((node) => !node.facts.unit && node.close === 'step');
    const chosen = new Set(nodes.map((node) => node.id));
    const wholeDaemon = daemons.length > 0 && daemons.every((node) => chosen.has(node.id));
    return [...nodes.filter((node) => node.facts.unit || !wholeDaemon).map(stopOne), ...(wholeDaemon ? [stopDaemon(daemons)] : [])];
  },
  assemble: (node) => `start the automount of ${node.path}`,
  miniature: { refuses: () => 'an automount takes systemd, which is not PID 1 here', room: (_node, above) => above, steps: () => [] },
};

function describe(entry: PlacedMount, src: Sources): Node {
  const parent = src.mounts.find((other) => other.id === entry.parent);
  const bySystemd = /(^|,)pgrp=1(,|$)/.test(entry.superOptions);
  return {
    id: entry.id,
    kind: 'automount',
    name: entry.mountpoint,
    path: entry.mountpoint,
    facts: { fstype: 'autofs', source: entry.source, ...(bySystemd && { unit: `${escapePath(entry.mountpoint)}.automount` }) },
    below: entry.parent ? [entry.parent] : [],
    close: isNameable(entry.mountpoint) ? 'step' : 'never',
    // The one below /proc (binfmt_misc) mounts nothing of the user's.
    wanted: parent?.fstype !== 'proc',
  };
}

/** What the automount has mounted, or would mount: these must not be closed while it can still be triggered. */
function carriers(entry: PlacedMount, src: Sources): string[] {
  const mounted = src.mounts.filter((other) => other.mountpoint === entry.mountpoint && other.fstype !== 'autofs').map((other) => other.source);
  const configured = src
    .fstab()
    .filter((line) => line.mountpoint === entry.mountpoint)
    .map((line) => devicePath(line.spec));
  return [...new Set([...mounted, ...configured])].flatMap((path) => {
    const kname = src.knameOfPath(path);
    return kname ? [`dev:${kname}`] : [];
  });
}

/** fstab(5): `UUID=…` and its kin as the link that udev makes for it. */
function devicePath(spec: string): string {
  const match = /^(UUID|LABEL|PARTUUID|PARTLABEL)="?([^"]*)"?$/.exec(spec);
  return match ? `/dev/disk/by-${(match[1] as string).toLowerCase()}/${match[2]}` : spec;
}

function stopOne(node: Node): StepPlan {
  const armed: Probe = { is: 'mounted', path: node.path, type: 'autofs' };
  const nothingThere = notMounted(node);
  const unit = node.facts.unit;
  return {
    title: `stop the automount of ${node.path}`,
    id: `automount:${node.path}`,
    node: node.id,
    closes: [node.id],
    unless: nothingThere,
    ops: [
      // Stopping it detaches lazily whatever is mounted there (systemd: src/core/automount.c, unmount_autofs), so what it mounted again meanwhile goes first.
      {
        op: 'run',
        argv: ['umount', node.path],
        unless: {
          is: 'not',
          of: {
            is: 'all',
            of: [
              { is: 'mounted', path: node.path },
              { is: 'not', of: armed },
            ],
          },
        },
      },
      { op: 'run', argv: unit ? ['systemctl', 'stop', '--', unit] : ['umount', node.path], unless: nothingThere },
    ],
    // Without its manager nothing can be mounted there any more.
    bare: [{ op: 'run', argv: ['umount', node.path], retrySeconds: 3 }],
    seconds: 60,
    onFail: 'stop',
  };
}

function notMounted(node: Node): Probe {
  return { is: 'not', of: { is: 'mounted', path: node.path } };
}

function stopDaemon(nodes: readonly Node[]): StepPlan {
  return {
    title: 'stop automount(8)',
    id: 'automount:autofs.service',
    node: (nodes[0] as Node).id,
    closes: nodes.map((node) => node.id),
    unless: { is: 'all', of: nodes.map(notMounted) },
    ops: [{ op: 'run', argv: ['systemctl', 'stop', 'autofs.service'] }],
    bare: nodes.map((node) => ({ op: 'run', argv: ['umount', node.path], retrySeconds: 3, unless: notMounted(node) })) as unknown as [Op, ...Op[]],
    seconds: 60,
    onFail: 'stop',
  };
}

/** A path as part of a unit's name (systemd.unit(5), "String escaping for inclusion in unit names"). */
export function escapePath(path: string): string {
  const trimmed = path.replace(/\/+/g, '/').replace(/^\/|\/$/g, '');
  if (trimmed === '') return '-';
  const bytes = Buffer.from(trimmed, 'utf8');
  return [...bytes]
    .map((byte, index) => {
      const char = String.fromCharCode(byte);
      if (char === '/') return '-';
      return /[a-zA-Z0-9:_]/.test(char) || (char === '.' && index > 0) ? char : `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}
