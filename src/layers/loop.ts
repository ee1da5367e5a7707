import type { Layer } from '../model/layer.ts';
import type { MiniOp, MiniStep, Site } from '../model/miniature.ts';
import { isNameable } from '../model/nameable.ts';
import type { Node } from '../model/node.ts';
import type { Probe } from '../model/step.ts';

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
      const { file = '' } = node.facts;
      const path = `/sys/block/${node.kname}/loop/backing_file`;
      const bound: Probe = isNameable(file) ? { is: 'equals', path, text: file } : { is: 'exists', path };
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
  miniature: { refuses, room: (_node, above) => above + 1, steps: (nodes, site) => nodes.map((node) => makeSmall(node, site)) },
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

function refuses(node: Node): string | undefined {
  return node.facts.deleted && 'its file was deleted, and the last close would end it';
}

/** The same number, on a file of the same name, or on the device it lies on. */
function makeSmall(node: Node, site: Site): MiniStep {
  const holder = node.below[0];
  const onFile = holder === undefined || site.graph.node(holder)?.kind === 'mount';
  const file = onFile ? `${site.root}${node.facts.file}` : site.path(holder);
  const attach: MiniOp = { argv: ['losetup', '--partscan', node.path, file] };
  return {
    title: `attach ${node.name} to ${node.facts.file}`,
    id: `loop:${node.kname}`,
    makes: [node.id],
    needs: node.below,
    make: [
      ...(onFile
        ? ([
            { argv: ['mkdir', '-p', file.slice(0, file.lastIndexOf('/'))] },
            { argv: ['truncate', '-s', `${site.room(node.id) + 1}M`, file] },
          ] satisfies MiniOp[])
        : []),
      attach,
    ],
    again: [attach],
  };
}
