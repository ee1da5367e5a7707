import type { Layer } from '../model/layer.ts';
import type { BlockDevice, Sources } from '../model/sources.ts';
import { removeMapping } from './dm.ts';

/** A dm-integrity device of integritysetup: it keeps sums of its sectors, and encrypts nothing. */
export const dmIntegrity: Layer = {
  kind: 'integrity',
  tools: ['dmsetup'],
  claims: isIntegrityAlone,
  describe: (dev) => {
    const { name, path, operand } = dev.dm as NonNullable<typeof dev.dm>;
    return { kind: 'integrity', name, path, facts: { operand, dm: name }, close: 'step', wanted: true };
  },
  // Its journal is written out as the device goes (kernel: drivers/md/dm-integrity.c, dm_integrity_postsuspend).
  teardown: (nodes) => nodes.map((node) => removeMapping(node, `close integrity ${node.name}`)),
  assemble: (node) => `open integrity ${node.name}`,
  miniature: { refuses: () => 'integrity without encryption is not made yet', room: (_node, above) => above, steps: () => [] },
};

/** The one below an authenticated LUKS2 device NAME is called NAME_dif, and goes with it (cryptsetup: lib/luks2/luks2_json_metadata.c). */
export function isIntegrityAlone(dev: BlockDevice, src: Sources): boolean {
  const { uuid, name } = dev.dm ?? { uuid: '', name: '' };
  if (!uuid.startsWith('CRYPT-INTEGRITY-')) return false;
  const above = src.door.list(`${dev.sys}/holders`).flatMap((kname) => src.block(kname)?.dm ?? []);
  return !above.some((holder) => holder.uuid.startsWith('CRYPT-LUKS2-') && `${holder.name}_dif` === name);
}
