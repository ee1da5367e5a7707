import type { Finding } from '../model/finding.ts';
import type { GraphView } from '../model/graph-view.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { Sources, ZfsPool } from '../model/sources.ts';
import type { Op, StepPlan } from '../model/step.ts';

/** An imported ZFS pool, over devices and files. Its volumes vanish with it, and its devices are free only then. */
export const zpool: Layer = {
  kind: 'zpool',
  tools: ['zpool', 'zfs'],
  discover: (src) => src.zfs.map((pool) => describe(pool, src)),
  teardown: (nodes, graph) => nodes.map((node) => exportPool(node, graph)),
  assemble: (node) => `import pool ${node.name}`,
  miniature: { refuses: () => 'User Mode Linux has no ZFS', room: (_node, above) => above, steps: () => [] },
  findings: (nodes) => nodes.flatMap(remarks),
};

function describe({ name, state, vdevs, keys }: ZfsPool, src: Sources): Node {
  const loaded = keys.filter((key) => key.isLoaded).map(({ dataset }) => dataset);
  return {
    id: `zpool:${name}`,
    kind: 'zpool',
    name,
    path: `/proc/spl/kstat/zfs/${name}`,
    facts: { state, ...(vdevs === undefined && { unseen: 'yes' }), ...(loaded.length > 0 && { keys: loaded.join('\n') }) },
    below: (vdevs ?? []).flatMap((path) => carrierOf(path, src)),
    // An export of a suspended pool hangs until somebody brings its devices back (zpoolprops(7), failmode).
    close: state === 'SUSPENDED' || vdevs === undefined ? 'never' : 'step',
    wanted: true,
  };
}

/** A vdev may be a file. */
function carrierOf(path: string, src: Sources): string[] {
  const kname = src.knameOfPath(path);
  if (kname !== undefined) return [`dev:${kname}`];
  const mount = path.startsWith('/dev/') ? undefined : src.mountHolding(path);
  return mount ? [mount.id] : [];
}

function exportPool(node: Node, graph: GraphView): StepPlan {
  const counters = node.below.flatMap((id) => graph.node(id)?.kname ?? []).map((kname) => `/sys/class/block/${kname}/stat`);
  const unload = (node.facts.keys?.split('\n') ?? []).map((dataset): Op => ({ op: 'run', argv: ['zfs', 'unload-key', dataset], okExit: [0, 1, 255] }));
  return {
    title: `export pool ${node.name}`,
    id: `export:${node.name}`,
    node: node.id,
    closes: [node.id],
    unless: { is: 'not', of: { is: 'exists', path: `${node.path}/state` } },
    // The export would unload them too; told by name, a key that is still in use is named.
    ops: [...unload, { op: 'run', argv: ['zpool', 'export', node.name], retrySeconds: 10 }] as unknown as [Op, ...Op[]],
    seconds: 120,
    ...(counters.length > 0 && { progress: ['awk', '{print $1, $3, $5, $7}', ...counters.sort()] as const }),
    onFail: 'stop',
  };
}

function remarks(node: Node): Finding[] {
  const { state, unseen } = node.facts;
  if (state === 'SUSPENDED')
    return [
      {
        code: 'pool-suspended',
        severity: 'critical',
        text: `pool ${node.name} is suspended: whatever touches it hangs, so it and what it lies on stay open`,
        fix: `bring its devices back, then zpool clear ${node.name}`,
        node: node.id,
      },
    ];
  if (unseen)
    return [
      {
        code: 'unknown-layer',
        severity: 'warning',
        text: `pool ${node.name} is imported, but zpool does not tell what it lies on: it stays open`,
        fix: 'install zfsutils-linux, or see what "zpool list -v" says',
        node: node.id,
      },
    ];
  if (state !== 'ONLINE')
    return [
      {
        code: 'pool-degraded',
        severity: 'warning',
        text: `pool ${node.name} is ${state}`,
        fix: `zpool status ${node.name}`,
        node: node.id,
      },
    ];
  return [];
}
