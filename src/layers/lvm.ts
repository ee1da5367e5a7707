import type { GraphView } from '../model/graph-view.ts';
import { groupBy } from '../model/group-by.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { BlockDevice, Sources } from '../model/sources.ts';
import type { Op, Probe, StepPlan } from '../model/step.ts';
import { gone, removal, removeMapping } from './dm.ts';
import { flushOf } from './lvm-cache.ts';
import { lvmMiniature } from './lvm-miniature.ts';
import { writesBelow } from './vdo.ts';

/** Parts of LV names that lvm2 keeps for itself (lvm2: lib/misc/lvm-string.c, apply_lvname_restrictions). */
const RESERVED = /_(cdata|cmeta|corig|cpool|cvol|wcorig|iorig|imeta|mimage|mlog|rimage|rmeta|tdata|tmeta|tpool|vdata|vorigin|vpool)(_|$)/;

/** LVM logical volumes: linear, striped, mirror, raid, snapshot, thin, cache, writecache. */
export const lvm: Layer = {
  kind: 'lvm',
  tools: ['vgchange', 'lvchange'],
  claims: (dev) => dev.dm?.lvm !== undefined,
  describe: (dev, src) => {
    const { name, lvm: parts, path, operand } = dev.dm as NonNullable<typeof dev.dm>;
    const { vg, lv, layer } = parts as NonNullable<typeof parts>;
    const internal = layer !== '' || RESERVED.test(lv);
    const facts = { vg, lv, dm: name, operand, ...(layer && { layer }), ...(internal && { internal: 'yes' }) };
    if (internal) {
      // Left over without its LV: lvm2 no longer knows a name to deactivate it by.
      const orphan = src.door.list(`${dev.sys}/holders`).length === 0;
      return { kind: 'lvm', name, path: `/dev/mapper/${name}`, facts, close: orphan ? 'step' : 'implicit', wanted: true };
    }
    return {
      kind: 'lvm',
      name: `${vg}/${lv}`,
      path,
      facts: { ...facts, ...cacheFact(dev, src) },
      close: originOf(dev, src) ? 'implicit' : 'step',
      wanted: true,
    };
  },
  // lvm2 deactivates an origin together with its snapshots and refuses to deactivate one snapshot alone.
  edges: (src) =>
    src.blocks.flatMap((dev) => {
      const origin = originOf(dev, src);
      return origin ? [{ above: `dev:${dev.kname}`, below: `dev:${origin}` }] : [];
    }),
  teardown: (nodes, graph) => {
    const chosen = new Set(nodes.map((node) => node.id));
    const orphans = nodes.filter((node) => node.facts.internal && node.close === 'step');
    const volumes = groupBy(
      graph.ofKind('lvm').filter((node) => !node.facts.internal),
      (node) => node.facts.vg as string,
    );
    return [
      ...orphans.map((node) => removeMapping(node, `remove leftover ${node.name}`)),
      ...[...volumes].flatMap(([vg, all]) =>
        closeVolumes(
          vg,
          all,
          all.filter((node) => chosen.has(node.id)),
          graph,
        ),
      ),
    ];
  },
  assemble: (node) => (node.facts.internal ? `map ${node.name}` : `activate LV ${node.name}`),
  miniature: lvmMiniature,
};

/**
 * lvm2 reads every device to find its PVs, and a suspended one anywhere (or one that waits for a path) hangs it, even with ignore_suspended_devices
 * (seen with lvm2 2.03.31). A filter for this one call keeps it away (lvm.conf(5), devices/global_filter).
 */
function scanOptions(graph: GraphView): readonly string[] {
  const all = ['dm', 'crypt', 'integrity', 'lvm', 'multipath', 'stratis', 'vdo', 'verity'].flatMap((kind) => graph.ofKind(kind));
  const patterns = all.filter((node) => node.facts.suspended || node.facts.pathless).map((node) => `"r|^/dev/${node.kname}$|"`);
  return patterns.length > 0 ? ['--config', `devices{global_filter=[${patterns.join(',')}]}`] : [];
}

/** Caches are flushed first; then one vgchange when all of the VG goes, and an lvchange for each LV otherwise. */
function closeVolumes(vg: string, all: readonly Node[], going: readonly Node[], graph: GraphView): StepPlan[] {
  if (going.length === 0) return [];
  // Thin, cache, RAID, snapshots: what has inner devices is lvm2's to close.
  const isPlain = !graph.ofKind('lvm').some((node) => node.facts.vg === vg && node.facts.internal);
  const flushes = going.flatMap(flushOf);
  const whole = going.length === all.length && !carriesItself(going, graph);
  const closing = whole ? [wholeVg(vg, going, graph)] : going.filter((node) => node.close === 'step').map((node) => oneLv(node, going, graph));
  const bareOf = (step: StepPlan) => going.filter((node) => step.closes.includes(node.id)).map((node) => ({ ...removal(node)[0], unless: gone(node) }));
  const own = closing.map((step) => (isPlain ? { ...step, bare: bareOf(step) as unknown as [Op, ...Op[]] } : step));
  return [...flushes, ...own.map((step) => ({ ...step, after: flushes.filter((flush) => step.closes.includes(flush.node)).map((flush) => flush.id) }))];
}

/** One LV of a VG stands on another: no single command can close both. */
function carriesItself(nodes: readonly Node[], graph: GraphView): boolean {
  const own = new Set(nodes.filter((node) => node.close === 'step').map((node) => node.id));
  return nodes.some((node) => [...graph.above(node.id)].some((id) => own.has(id)));
}

function allGone(nodes: readonly Node[]): Probe {
  return nodes.length === 1 ? gone(nodes[0] as Node) : { is: 'all', of: nodes.map(gone) };
}

function wholeVg(vg: string, nodes: readonly Node[], graph: GraphView): StepPlan {
  return {
    title: `deactivate VG ${vg} (${nodes.map((node) => node.facts.lv).join(', ')})`,
    id: `vgchange:${vg}`,
    node: (nodes[0] as Node).id,
    closes: nodes.map((node) => node.id),
    unless: allGone(nodes),
    ops: [{ op: 'run', argv: ['vgchange', ...scanOptions(graph), '-an', vg], retrySeconds: 10 }],
    seconds: 90,
    ...writesBelow(vdosOf(nodes, graph), graph),
    onFail: 'stop',
  };
}

function oneLv(node: Node, going: readonly Node[], graph: GraphView): StepPlan {
  const above = graph.above(node.id);
  const withSnapshots = [node, ...going.filter((other) => other.close === 'implicit' && above.has(other.id))];
  return {
    title: `deactivate LV ${node.name}`,
    id: `lvchange:${node.name}`,
    node: node.id,
    closes: withSnapshots.map((each) => each.id),
    unless: allGone(withSnapshots),
    ops: [{ op: 'run', argv: ['lvchange', ...scanOptions(graph), '-an', node.name], retrySeconds: 10 }],
    seconds: 60,
    ...writesBelow(vdosOf(withSnapshots, graph), graph),
    onFail: 'stop',
  };
}

/** The VDO devices that these LVs lie on: `POOL-vpool` of lvmvdo(7). */
function vdosOf(nodes: readonly Node[], graph: GraphView): Node[] {
  return [...new Set(nodes.flatMap((node) => [...graph.below(node.id)]))].flatMap((id) => graph.node(id) ?? []).filter(({ facts }) => facts.layer === 'vpool');
}

/** The kname of the LV that this LV is a snapshot of: both stand on its `-real` layer, the snapshot on a `-cow` as well. */
function originOf(dev: BlockDevice, src: Sources): string | undefined {
  const self = dev.dm?.lvm;
  if (self?.layer !== '') return undefined;
  const lower = dev.slaves.flatMap((slave) => src.block(slave)?.dm?.lvm ?? []);
  if (!lower.some((part) => part.layer === 'cow' && part.lv === self.lv)) return undefined;
  const real = lower.find((part) => part.layer === 'real');
  if (!real) return undefined;
  return src.blocks.find((other) => other.dm?.lvm?.vg === real.vg && other.dm.lvm.lv === real.lv && other.dm.lvm.layer === '')?.kname;
}

/** Which cache stands in front of an LV: sysfs does not say a table's target, but lvm2's names below it do. */
function cacheFact(dev: BlockDevice, src: Sources): { cache?: string } {
  const lower = dev.slaves.map((slave) => src.block(slave)?.dm?.lvm?.lv ?? '');
  if (lower.some((lv) => lv.endsWith('_wcorig'))) return { cache: 'writecache' };
  return lower.some((lv) => lv.endsWith('_corig')) ? { cache: 'cache' } : {};
}
