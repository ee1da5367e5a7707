import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { StepPlan } from '../model/step.ts';
import { gone, removal } from './dm.ts';

/** dm-crypt by cryptsetup: LUKS1, LUKS2 (with or without dm-integrity below it), plain, BitLocker, TrueCrypt. */
export const dmCrypt: Layer = {
  kind: 'crypt',
  tools: ['cryptsetup'],
  claims: (dev) => dev.dm?.uuid.startsWith('CRYPT-') === true,
  describe: (dev, src) => {
    const { name, uuid } = dev.dm as NonNullable<typeof dev.dm>;
    // CRYPT-LUKS2-…; for the dm-integrity device below an authenticated LUKS2 NAME: CRYPT-SUBDEV-… or CRYPT-INTEGRITY-…-NAME_dif.
    const type = uuid.split('-')[1] ?? '';
    const isPart = type === 'SUBDEV' || (type === 'INTEGRITY' && name.endsWith('_dif'));
    const isPartOfAnother = isPart && src.door.list(`${dev.sys}/holders`).length > 0;
    return {
      kind: 'crypt',
      name,
      path: `/dev/mapper/${name}`,
      facts: { type: isPart ? 'INTEGRITY' : type, operand: dev.dm?.operand ?? name, dm: name },
      close: isPartOfAnother ? 'implicit' : 'step',
      wanted: true,
    };
  },
  teardown: (nodes) => nodes.map(close),
  assemble: (node) => `open ${node.facts.type} ${node.name}`,
  findings: (nodes, src, graph) =>
    nodes.flatMap((node) => {
      const entry = src.crypttab.find((line) => line.name === node.name);
      const isRootLuks = graph.pinned(node.id) && node.close === 'step';
      if (!isRootLuks || !entry || entry.options.includes('x-initrd.attach')) return [];
      return [
        {
          code: 'crypttab-no-initrd-attach',
          severity: 'warning' as const,
          text: `${node.name} backs the running system, but its crypttab line lacks x-initrd.attach: systemd tries in vain to detach it at shutdown`,
          fix: `add x-initrd.attach to the options of ${node.name} in /etc/crypttab`,
          node: node.id,
        },
      ];
    }),
};

function close(node: Node): StepPlan {
  return {
    title: `close ${node.facts.type} ${node.name}`,
    id: `close:${node.name}`,
    node: node.id,
    closes: [node.id],
    unless: gone(node),
    ops: [{ op: 'run', argv: ['cryptsetup', 'close', node.facts.operand ?? node.name], retrySeconds: 10 }],
    // The kernel wipes the key when the device goes (kernel: drivers/md/dm-crypt.c, crypt_dtr); cryptsetup adds its own bookkeeping only.
    bare: removal(node),
    seconds: 60,
    onFail: 'stop',
  };
}
