import type { Layer } from '../model/layer.ts';

const DELETED = ' (deleted)';

/** A loop device and the file it shows (kernel: drivers/block/loop.c). */
export const loop: Layer = {
  kind: 'loop',
  tools: ['losetup'],
  claims: (dev) => /^loop\d+$/.test(dev.kname),
  describe: (dev, src) => {
    const backing = src.door.text(`${dev.sys}/loop/backing_file`) ?? '';
    // The path itself is not looked at: on a dead server that would hang.
    const deleted = backing.endsWith(DELETED);
    const file = deleted ? backing.slice(0, -DELETED.length) : backing;
    const disk = src.knameOfPath(file);
    const mount = src.mountHolding(file);
    return {
      kind: 'loop',
      name: dev.kname,
      path: dev.devPath,
      facts: { file, ...(deleted && { deleted: 'yes' }) },
      below: disk ? [`dev:${disk}`] : mount ? [mount.id] : [],
      // Detaching it would be the end of its contents: that is for a person to decide.
      close: deleted ? 'never' : 'step',
      wanted: true,
    };
  },
  teardown: (nodes) =>
    nodes.map((node) => {
      const bound = { is: 'equals', path: `/sys/block/${node.kname}/loop/backing_file`, text: node.facts.file ?? '' } as const;
      return {
        title: `detach ${node.name} from ${node.facts.file}`,
        id: `detach:${node.kname}`,
        node: node.id,
        closes: [node.id],
        unless: { is: 'not', of: bound },
        // Detaching a loop device in use succeeds at once and happens later, so the answer of losetup proves nothing.
        ops: [
          { op: 'run', argv: ['losetup', '-d', node.path], unless: { is: 'not', of: bound } },
          { op: 'wait', until: { is: 'not', of: bound }, seconds: 10 },
        ],
        seconds: 30,
        onFail: 'stop',
      };
    }),
  assemble: (node) => `attach ${node.name} to ${node.facts.file}`,
  findings: (nodes) =>
    nodes
      .filter((node) => node.facts.deleted)
      .map((node) => ({
        code: 'loop-file-deleted',
        severity: 'warning',
        text: `${node.name} shows a file that was deleted (${node.facts.file}): once it is detached its contents are gone, so it is left attached`,
        fix: `copy what you need from ${node.path}, then losetup --detach ${node.path}`,
        node: node.id,
      })),
};
