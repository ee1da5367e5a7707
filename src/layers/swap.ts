import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { BlockDevice } from '../model/sources.ts';

/** Active swap on a device or in a file. The kernel refuses to turn it off when its pages would not fit (swapoff(2), ENOMEM). */
export const swap: Layer = {
  kind: 'swap',
  tools: ['swapoff'],
  discover: (src) =>
    src.swaps.map((area): Node => {
      const device = src.knameOfPath(area.path);
      const mount = device ? undefined : src.mountHolding(area.path);
      const onZram = device?.startsWith('zram') === true;
      return {
        id: `swap:${area.path}`,
        kind: 'swap',
        name: area.path,
        path: (device && stablePath(src.block(device))) || area.path,
        facts: { usedKiB: String(area.used), ...(area.deleted && { deleted: 'yes' }) },
        below: device ? [`dev:${device}`] : mount ? [mount.id] : [],
        // swapoff(8) has no name left to call a deleted file by.
        close: onZram || area.deleted ? 'never' : 'step',
        wanted: !onZram,
      };
    }),
  teardown: (nodes) =>
    nodes.map((node) => ({
      title: `turn off swap ${node.path}`,
      id: `swapoff:${node.path}`,
      node: node.id,
      closes: [node.id],
      unless: { is: 'not', of: { is: 'swapped', path: node.name } },
      ops: [{ op: 'run', argv: ['swapoff', node.path] }],
      seconds: 90,
      progress: ['cat', '/proc/swaps'],
      onFail: 'stop',
    })),
  assemble: (node) => `turn on swap ${node.path}`,
  findings: (nodes, src) => {
    const used = nodes.filter((node) => node.close === 'step').reduce((sum, node) => sum + Number(node.facts.usedKiB), 0);
    const available = Number(/^MemAvailable:\s+(\d+) kB$/m.exec(src.door.text('/proc/meminfo') ?? '')?.[1] ?? Number.NaN);
    const found = nodes
      .filter((node) => node.facts.deleted)
      .map((node) => ({
        code: 'swap-file-deleted',
        severity: 'warning' as const,
        text: `the swap file ${node.name} was deleted while in use: nothing can turn it off before the power goes`,
        fix: 'create swap files that stay; this one goes at the next boot',
        node: node.id,
      }));
    if (!(used > available)) return found;
    const tooBig = {
      code: 'swap-will-not-fit',
      severity: 'critical' as const,
      text: `swap holds ${Math.round(used / 1024)} MiB, but only ${Math.round(available / 1024)} MiB of memory are available: swapoff will be refused`,
      fix: 'stop what uses the memory first',
    };
    return [...found, tooBig];
  },
};

/** /proc/swaps says dm-2, which may be another device after the next boot. */
function stablePath(dev: BlockDevice | undefined): string | undefined {
  if (!dev?.dm) return undefined;
  const { name, lvm } = dev.dm;
  return lvm ? `/dev/${lvm.vg}/${lvm.lv}` : `/dev/mapper/${name}`;
}
