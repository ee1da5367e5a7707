import type { Layer } from '../model/layer.ts';
import type { BlockDevice } from '../model/sources.ts';
import { removeMapping } from './dm.ts';

/** A dm-verity device of veritysetup or systemd: read-only, checked against hashes, and not encrypted. */
export const dmVerity: Layer = {
  kind: 'verity',
  tools: ['dmsetup'],
  claims: isVerity,
  describe: (dev) => {
    const { name, path, operand } = dev.dm as NonNullable<typeof dev.dm>;
    return { kind: 'verity', name, path, facts: { operand, dm: name }, close: 'step', wanted: true };
  },
  // What veritysetup asks the kernel for; the tool is a package of its own in places, and systemd does without.
  teardown: (nodes) => nodes.map((node) => removeMapping(node, `close verity ${node.name}`)),
  assemble: (node) => `open verity ${node.name}`,
  miniature: { refuses: () => 'a verity device needs the image it protects', room: (_node, above) => above, steps: () => [] },
};

/** By the UUID that libcryptsetup gives (cryptsetup: lib/libdevmapper.c, dm_prepare_uuid). */
export function isVerity(dev: BlockDevice): boolean {
  return dev.dm?.uuid.startsWith('CRYPT-VERITY-') === true;
}
