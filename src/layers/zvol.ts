import type { Layer } from '../model/layer.ts';
import type { BlockDevice, Sources } from '../model/sources.ts';

/** A volume of a ZFS pool, as a block device. It goes with the pool. */
export const zvol: Layer = {
  kind: 'zvol',
  tools: [],
  claims: (dev) => /^zd\d+$/.test(dev.kname) && dev.partitionOf === undefined,
  describe: (dev, src) => {
    const name = volumeName(dev, src);
    const pool = name?.split('/')[0];
    return {
      kind: 'zvol',
      name: name ?? dev.kname,
      path: name ? `/dev/zvol/${name}` : dev.devPath,
      facts: {},
      // Where udev does not tell, any pool may be its.
      below: src.zfs.filter((each) => pool === undefined || each.name === pool).map((each) => `zpool:${each.name}`),
      close: 'implicit',
      wanted: false,
    };
  },
  assemble: (node) => `find volume ${node.name}`,
  miniature: { refuses: () => 'a ZFS volume needs its pool, and User Mode Linux has no ZFS', room: (_node, above) => above, steps: () => [] },
};

/** As udev links it (OpenZFS: udev/rules.d/60-zvol.rules). */
function volumeName(dev: BlockDevice, src: Sources): string | undefined {
  return src
    .udevLinks(dev.kname)
    .find((link) => link.startsWith('zvol/'))
    ?.slice('zvol/'.length);
}
