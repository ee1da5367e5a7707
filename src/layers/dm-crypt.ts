import type { Layer } from '../model/layer.ts';
import type { MiniOp, MiniStep, Site } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';
import type { StepPlan } from '../model/step.ts';
import { gone, removal } from './dm.ts';
import { isIntegrityAlone } from './dm-integrity.ts';
import { isVerity } from './dm-verity.ts';
import { isInsideStratis } from './stratis.ts';

/** dm-crypt by cryptsetup: LUKS1, LUKS2 (with or without dm-integrity below it), plain, BitLocker, TrueCrypt. */
export const dmCrypt: Layer = {
  kind: 'crypt',
  tools: ['cryptsetup'],
  claims: (dev, src) => dev.dm?.uuid.startsWith('CRYPT-') === true && !isVerity(dev) && !isIntegrityAlone(dev, src),
  describe: (dev, src) => {
    const { name, uuid, path } = dev.dm as NonNullable<typeof dev.dm>;
    // CRYPT-LUKS2-…; for the dm-integrity device below an authenticated LUKS2 NAME: CRYPT-SUBDEV-… or CRYPT-INTEGRITY-…-NAME_dif.
    const type = uuid.split('-')[1] ?? '';
    const isPart = type === 'SUBDEV' || type === 'INTEGRITY';
    const isPartOfAnother = isPart && src.door.list(`${dev.sys}/holders`).length > 0;
    return {
      kind: 'crypt',
      name,
      path,
      facts: { type: isPart ? 'INTEGRITY' : type, operand: dev.dm?.operand ?? name, dm: name, ...(isInsideStratis(dev, src) && { inside: 'Stratis' }) },
      close: isPartOfAnother || isInsideStratis(dev, src) ? 'implicit' : 'step',
      wanted: true,
    };
  },
  teardown: (nodes) => nodes.filter((node) => !node.facts.inside).map(close),
  assemble: (node) => `open ${node.facts.type} ${node.name}`,
  miniature: { refuses, room: takes, steps: (nodes, site) => nodes.filter((node) => node.facts.type !== 'INTEGRITY').map((node) => makeSmall(node, site)) },
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

function refuses(node: Node): string | undefined {
  return node.facts.type === 'INTEGRITY' && node.close !== 'implicit' ? 'what is left of a LUKS device cannot be made' : undefined;
}

/** A header, and for integrity the tags and their journal. */
function takes(node: Node, above: number): number {
  return node.facts.type === 'INTEGRITY' ? above + Math.ceil(above / 8) + 16 : above + 4;
}

/** The same type, name and UUID; derived from the key in no time, since nobody attacks it. */
function makeSmall(node: Node, site: Site): MiniStep {
  const { type = '', operand = node.name } = node.facts;
  const uuid = site.src.block(node.kname ?? '')?.dm?.uuid ?? '';
  const [, a, b, c, d, e] = /^CRYPT-LUKS\d-(.{8})(.{4})(.{4})(.{4})(.{12})-/.exec(uuid) ?? [];
  const part = node.below.map((id) => site.graph.node(id)).find((below) => below?.kind === 'crypt' && below.facts.type === 'INTEGRITY');
  const device = site.path((part ?? node).below[0] as string);
  const isLuks1 = type === 'LUKS1';
  const open: MiniOp =
    type === 'PLAIN'
      ? {
          argv: ['cryptsetup', 'open', '-q', '--type', 'plain', '--cipher', 'aes-xts-plain64', '--key-size', '512', '--key-file', site.key, device, operand],
          until: node.path,
        }
      : { argv: ['cryptsetup', 'open', '--key-file', site.key, device, operand], until: node.path };
  const small = ['--luks2-metadata-size', '16k', '--luks2-keyslots-size', '256k', '--pbkdf', 'pbkdf2'];
  const format: MiniOp = {
    argv: [
      'cryptsetup',
      'luksFormat',
      '-q',
      '--type',
      isLuks1 ? 'luks1' : 'luks2',
      ...(isLuks1 ? [] : small),
      '--pbkdf-force-iterations',
      '1000',
      ...(part ? ['--integrity', 'hmac-sha256'] : []),
      ...(a ? ['--uuid', [a, b, c, d, e].join('-')] : []),
      '--key-file',
      site.key,
      device,
    ],
  };
  const standsIn = ['LUKS1', 'LUKS2', 'PLAIN'].includes(type) ? [] : [`${node.name}: ${type} cannot be made by cryptsetup, LUKS2 stands in`];
  return {
    title: `make ${type} ${node.name}`,
    id: `crypt:${node.name}`,
    makes: [node.id, ...(part ? [part.id] : [])],
    needs: (part ?? node).below,
    make: type === 'PLAIN' ? [open] : [format, open],
    again: [open],
    modules: part ? ['dm-integrity'] : [],
    notes: [...standsIn, "ciphers and keys are not in a capture: cryptsetup's default cipher, a throwaway key, pbkdf2 with 1000 iterations, small headers"],
  };
}
