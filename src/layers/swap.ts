import type { Layer } from '../model/layer.ts';
import type { MiniOp, MiniStep, Site } from '../model/miniature.ts';
import { isNameable } from '../model/nameable.ts';
import type { Node } from '../model/node.ts';

/** Active swap on a device or in a file. The kernel refuses to turn it off when its pages would not fit (swapoff(2), ENOMEM). */
export const swap: Layer = {
  kind: 'swap',
  tools: ['swapoff'],
  discover: (src) =>
    src.swaps.map((area): Node => {
      const device = src.knameOfPath(area.path);
      const mount = device ? undefined : src.mountHolding(area.path);
      const mapping = device ? src.block(device)?.dm?.path : undefined;
      const onZram = device?.startsWith('zram') === true;
      return {
        // A new file may have the name of one that was deleted while in use.
        id: `swap:${area.path}${area.deleted ? ' (deleted)' : ''}`,
        kind: 'swap',
        name: area.path,
        // /proc/swaps says dm-2, which may be another device after the next boot.
        path: mapping !== undefined && isNameable(mapping) ? mapping : area.path,
        facts: { usedKiB: String(area.used), ...(area.deleted && { deleted: 'yes' }) },
        below: device ? [`dev:${device}`] : mount ? [mount.id] : [],
        // swapoff(8) has no name left to call a deleted file by, nor one that this process's root does not reach.
        close: onZram || area.deleted || !area.path.startsWith('/') || !isNameable(area.path) ? 'never' : 'step',
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
  miniature: { room: () => 9, path: (node, site) => (onDevice(node) ? site.path(node.below[0] as string) : site.root + node.name), steps: makeSmall },
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

function onDevice(node: Node): boolean {
  return node.below[0]?.startsWith('dev:') === true;
}

function makeSmall(nodes: readonly Node[], site: Site): MiniStep[] {
  return nodes.map((node) => {
    const path = site.path(node.id);
    const on: MiniOp = { argv: ['swapon', path] };
    const file: MiniOp[] = [
      { argv: ['mkdir', '-p', path.slice(0, path.lastIndexOf('/'))] },
      { argv: ['touch', path] },
      { argv: ['chmod', '600', path] },
      // Copy on write and swap exclude each other; elsewhere there is no such attribute, and no harm in asking.
      { argv: ['chattr', '+C', path], mayFail: true },
      { argv: ['dd', 'if=/dev/zero', `of=${path}`, 'bs=1M', 'count=8', 'conv=notrunc', 'status=none'] },
    ];
    return {
      title: `make swap ${node.path}`,
      id: `swap:${node.name}`,
      makes: [node.id],
      needs: node.below,
      make: [...(onDevice(node) ? [] : file), { argv: ['mkswap', '-q', path] }, on],
      again: [on],
    };
  });
}
