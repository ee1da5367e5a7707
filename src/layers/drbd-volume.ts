import type { Layer } from '../model/layer.ts';

/** A volume of a resource, as a block device. It goes with the resource. */
export const drbdVolume: Layer = {
  kind: 'drbd-volume',
  tools: [],
  claims: (dev) => /^drbd\d+$/.test(dev.kname),
  describe: (dev, src) => {
    const resource = src.drbd.find(({ volumes }) => volumes.some(({ minor }) => dev.kname === `drbd${minor}`));
    return {
      kind: 'drbd-volume',
      name: dev.kname,
      path: dev.devPath,
      facts: {},
      // Where nobody tells its resource, sysfs tells what it uses.
      ...(resource && { below: [`drbd:${resource.name}`] }),
      close: resource ? 'implicit' : 'never',
      wanted: false,
    };
  },
  assemble: (node) => `find ${node.name}`,
  findings: (nodes) =>
    nodes
      .filter(({ close }) => close === 'never')
      .map(({ id, name }) => ({
        code: 'unknown-layer',
        severity: 'warning',
        text: `${name} is up, but drbdsetup does not tell what it lies on: it stays open`,
        fix: 'install drbd-utils, or see what "drbdsetup show" says',
        node: id,
      })),
  miniature: { refuses: () => 'a network disk needs its server', room: (_node, above) => above, steps: () => [] },
};
