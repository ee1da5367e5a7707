import type { Finding } from '../model/finding.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { Door, Sources } from '../model/sources.ts';
import type { Op, Probe } from '../model/step.ts';

const CONTROLLERS = '/sys/class/nvme';
const SUBSYSTEMS = '/sys/class/nvme-subsystem';

interface Fabric {
  /** nvme-subsys1 */
  readonly subsystem: string;
  readonly nqn: string;
  /** nvme1, … : one for each path to it. */
  readonly controllers: readonly { readonly name: string; readonly transport: string; readonly state: string }[];
}

/** An NVMe subsystem at the other end of a network (TCP, RDMA, Fibre Channel), with all controllers that lead to it. */
export const nvmeFabric: Layer = {
  kind: 'nvme-fabric',
  tools: [],
  discover: ({ door }) => readFabrics(door).map(describe),
  edges: (src) => readFabrics(src.door).flatMap((fabric) => disksOf(fabric, src).map((kname) => ({ above: `dev:${kname}`, below: idOf(fabric) }))),
  teardown: (nodes) =>
    nodes.map((node) => {
      const places = (node.facts.controllers ?? '').split(' ').map((name) => `${CONTROLLERS}/${name}`);
      const gone: Probe = { is: 'all', of: places.map((path) => ({ is: 'not', of: { is: 'exists', path } }) as const) };
      // As `nvme disconnect` does it (kernel: drivers/nvme/host/sysfs.c, delete_controller).
      const ops = places.map((path): Op => ({ op: 'write', path: `${path}/delete_controller`, text: '1', unless: { is: 'not', of: { is: 'exists', path } } }));
      return {
        title: `disconnect ${node.name}`,
        id: `disconnect:${node.name}`,
        node: node.id,
        closes: [node.id],
        unless: gone,
        ops: [...ops, { op: 'wait', until: gone, seconds: 20 }] as unknown as [Op, ...Op[]],
        seconds: 40,
        onFail: 'stop',
      };
    }),
  assemble: (node) => `connect ${node.name}`,
  findings: (nodes) => nodes.filter(({ facts }) => facts.state !== 'live').map(silent),
};

function idOf({ subsystem }: Fabric): string {
  return `nvme-fabric:${subsystem}`;
}

function describe(fabric: Fabric): Node {
  const { subsystem, nqn, controllers } = fabric;
  return {
    id: idOf(fabric),
    kind: 'nvme-fabric',
    name: nqn,
    path: `${SUBSYSTEMS}/${subsystem}`,
    facts: {
      transport: [...new Set(controllers.map(({ transport }) => transport))].join(' '),
      controllers: controllers.map(({ name }) => name).join(' '),
      state: controllers.some(({ state }) => state === 'live') ? 'live' : (controllers[0]?.state ?? ''),
    },
    below: [],
    close: 'step',
    wanted: true,
    liveOnly: true,
  };
}

function readFabrics(door: Door): Fabric[] {
  return door.list(SUBSYSTEMS).flatMap((subsystem) => {
    const nqn = door.text(`${SUBSYSTEMS}/${subsystem}/subsysnqn`) ?? subsystem;
    const controllers = door
      .list(CONTROLLERS)
      .filter((name) => door.text(`${CONTROLLERS}/${name}/subsysnqn`) === nqn)
      .map((name) => ({
        name,
        transport: door.text(`${CONTROLLERS}/${name}/transport`) ?? '',
        state: door.text(`${CONTROLLERS}/${name}/state`) ?? '',
      }));
    const isRemote = controllers.length > 0 && controllers.every(({ transport }) => transport !== 'pcie');
    return isRemote ? [{ subsystem, nqn, controllers }] : [];
  });
}

/** Below the subsystem where the kernel joins its paths, else below a controller (kernel: drivers/nvme/host/multipath.c). */
function disksOf({ subsystem, controllers }: Fabric, { door, blocks }: Sources): string[] {
  const folders = [subsystem, ...controllers.map(({ name }) => name)];
  const isBelow = (link: string) => folders.some((folder) => link.includes(`/${folder}/`));
  return blocks.filter(({ kname, sys }) => /^nvme\d+n\d+$/.test(kname) && isBelow(door.link(sys) ?? '')).map(({ kname }) => kname);
}

function silent(node: Node): Finding {
  return {
    code: 'server-silent',
    severity: 'warning',
    text: `no controller of the NVMe subsystem ${node.name} is live: what touches its disks waits until the kernel gives up`,
    fix: 'bring the target back; how long is waited for it: --ctrl-loss-tmo of "nvme connect"',
    node: node.id,
  };
}
