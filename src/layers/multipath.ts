import type { Finding } from '../model/finding.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { MultipathMap } from '../model/sources.ts';
import type { Op, StepPlan } from '../model/step.ts';
import { gone, removal } from './dm.ts';

/** A multipath map of multipath-tools. */
export const multipath: Layer = {
  kind: 'multipath',
  tools: ['multipath', 'dmsetup'],
  claims: (dev) => dev.dm?.uuid.startsWith('mpath-') === true,
  describe: (dev, src) => {
    const name = dev.dm?.name ?? dev.kname;
    const map = src.multipath(name);
    return {
      kind: 'multipath',
      name,
      path: dev.dm?.path ?? dev.devPath,
      facts: {
        wwid: dev.dm?.uuid.slice('mpath-'.length) ?? '',
        operand: dev.dm?.operand ?? name,
        dm: name,
        ...(map?.queues && { waits: map.dead.map(({ index, text }) => `${index}=${text}`).join(' ') }),
        ...(map?.queues && map.alive === 0 && { pathless: 'yes' }),
      },
      close: 'step',
      wanted: true,
    };
  },
  teardown: (nodes) => nodes.flatMap((node) => [...stopWaiting(node), flush(node)]),
  assemble: (node) => `gather the paths of ${node.name}`,
  miniature: { refuses: () => 'several paths to one disk take hardware', room: (_node, above) => above, steps: () => [] },
  findings: (nodes, src) => nodes.flatMap((node) => remarks(node, src.multipath(node.name))),
};

function flush(node: Node): StepPlan {
  return {
    title: `flush multipath map ${node.name}`,
    id: `flush:${node.name}`,
    node: node.id,
    closes: [node.id],
    unless: gone(node),
    ops: [{ op: 'run', argv: ['multipath', '-f', node.facts.operand ?? node.name], retrySeconds: 10 }],
    // What still queues for paths that are gone would wait for ever (kernel: drivers/md/dm-mpath.c, multipath_message).
    bare: [failIfNoPath(node), ...removal(node)],
    seconds: 60,
    onFail: 'stop',
  };
}

function failIfNoPath(node: Node): Op {
  return { op: 'run', argv: ['dmsetup', 'message', node.facts.operand ?? node.name, '0', 'fail_if_no_path'], okExit: [0, 1] };
}

/** Of a running multipathd (multipath-tools: libmultipath/defaults.h). */
const DAEMON = '/run/multipathd.pid';

/**
 * Where the last path is gone, what is written waits for it, and so does everything that wants to unmount, stop or deactivate what stands on the
 * map. Paths may come and go, so each run looks first: as long as one lives, nothing is changed.
 */
function stopWaiting(node: Node): StepPlan[] {
  const { waits, operand = node.name } = node.facts;
  if (!waits) return [];
  const allFailed = waits.split(' ').map((word) => {
    const [index, text = ''] = word.split('=');
    return { is: 'field', argv: ['dmsetup', 'status', operand], index: Number(index), text } as const;
  });
  return [
    {
      title: `fail what waits for a path of ${node.name}, if it has none left`,
      id: `unqueue:${node.name}`,
      node: node.id,
      closes: [],
      ahead: true,
      unless: { is: 'not', of: { is: 'all', of: allFailed } },
      ops: [
        failIfNoPath(node),
        // Its multipathd would turn queueing on again (multipathd(8)). Where none runs, asking could start one (multipathd.socket).
        { op: 'run', argv: ['multipathd', 'disablequeueing', 'map', operand], okExit: [0, 1], unless: { is: 'not', of: { is: 'exists', path: DAEMON } } },
      ],
      bare: [failIfNoPath(node)],
      seconds: 15,
      onFail: 'go-on',
    },
  ];
}

function remarks(node: Node, map: MultipathMap | undefined): Finding[] {
  if (map?.alive !== 0) return [];
  const none = `${node.name} has no path left (of ${map.paths})`;
  const fix = `bring a path back first: multipath -ll ${node.name}`;
  const critical = { severity: 'critical', fix, node: node.id } as const;
  if (!map.queues) return [{ ...critical, code: 'multipath-failed', text: `${none}: what is read or written there fails` }];
  const text = `${none}, and what touches it waits for one. A shutdown has that fail, and what was not written yet is lost; a live teardown leaves it open unless --fail-queued says so`;
  return [{ ...critical, code: 'multipath-no-path', text }];
}
