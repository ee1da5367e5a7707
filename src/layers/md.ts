import type { Finding } from '../model/finding.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';
import type { BlockDevice, Sources } from '../model/sources.ts';
import type { Op, StepPlan } from '../model/step.ts';

/** Linux software RAID, all levels, and the containers of external metadata (IMSM, DDF). */
export const md: Layer = {
  kind: 'md',
  tools: ['mdadm'],
  claims: (dev) => dev.entries.includes('md'),
  describe: (dev, src) => {
    const attribute = (name: string) => src.door.text(`${dev.sys}/md/${name}`);
    const metadata = attribute('metadata_version') ?? '';
    const state = attribute('array_state') ?? '';
    const level = attribute('level') || (metadata.startsWith('external:') ? 'container' : 'inactive');
    return {
      kind: 'md',
      name: arrayName(dev, src),
      path: dev.devPath,
      facts: { level, metadata, state, sync: attribute('sync_action') ?? '', degraded: attribute('degraded') ?? '' },
      below: [...dev.slaves.map((slave) => `dev:${slave}`), ...containerOf(metadata)],
      // A created but never filled array holds nothing.
      close: state === 'clear' && dev.slaves.length === 0 ? 'never' : 'step',
      wanted: true,
    };
  },
  teardown: (nodes) => nodes.map(stop),
  assemble: (node) => `assemble ${node.name} (${node.facts.level})`,
  findings: (nodes) => nodes.flatMap(health),
};

function stop(node: Node): StepPlan {
  const device = node.path;
  const state = `/sys/block/${node.kname}/md/array_state`;
  const isMember = node.facts.metadata?.startsWith('external:/') === true;
  const waitClean: Op[] = isMember
    ? // mdmon writes the clean mark of an external array; for native ones the kernel does it on stop (mdadm(8), --wait-clean).
      [{ op: 'run', argv: ['mdadm', '--wait-clean', device], okExit: [0, 1] }]
    : [];
  return {
    title: `stop array ${node.name}`,
    id: `stop:${node.kname}`,
    node: node.id,
    closes: [node.id],
    // A stopped array may stay behind as an empty device of that name.
    unless: {
      is: 'not',
      of: {
        is: 'all',
        of: [
          { is: 'exists', path: state },
          { is: 'not', of: { is: 'equals', path: state, text: 'clear' } },
        ],
      },
    },
    ops: [...waitClean, { op: 'run', argv: ['mdadm', '--stop', device], retrySeconds: 10 }] as unknown as [Op, ...Op[]],
    // What mdadm --stop asks the kernel for, without mdadm (kernel: drivers/md/md.c, array_state_store and STOP_ARRAY both end in do_md_stop).
    ...(!node.facts.metadata?.startsWith('external:') && { bare: [{ op: 'write', path: state, text: 'clear', retrySeconds: 10 }] as const }),
    seconds: 60,
    onFail: 'stop',
  };
}

/** What udev calls it (/dev/md/NAME), or else the kernel. */
function arrayName(dev: BlockDevice, src: Sources): string {
  const link = /^md\d{3}$/.test(dev.kname) ? src.udevLinks(dev.kname).find((name) => name.startsWith('md/')) : undefined;
  return link?.slice('md/'.length) ?? dev.kname;
}

/** An array inside a container says `external:/md127/0` (kernel: Documentation/admin-guide/md.rst). */
function containerOf(metadata: string): string[] {
  const container = /^external:[/-]([^/]+)\//.exec(metadata)?.[1];
  return container ? [`dev:${container}`] : [];
}

function health(node: Node): Finding[] {
  const { sync, degraded, level } = node.facts;
  const found: Finding[] = [];
  if (sync && !['idle', 'frozen'].includes(sync)) {
    found.push({
      code: 'md-sync-running',
      severity: 'warning',
      text: `array ${node.name} (${level}): ${sync} is running; stopping interrupts it, and it goes on at the next assembly`,
      fix: `let it finish: mdadm --wait ${node.path}`,
      node: node.id,
    });
  }
  if (degraded && degraded !== '0') {
    found.push({
      code: 'md-degraded',
      severity: 'critical',
      text: `array ${node.name} (${level}) runs with ${degraded} member${degraded === '1' ? '' : 's'} missing`,
      fix: `mdadm --detail ${node.path}, then replace the member before you rely on it`,
      node: node.id,
    });
  }
  return found;
}
