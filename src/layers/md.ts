import type { Finding } from '../model/finding.ts';
import type { Layer } from '../model/layer.ts';
import type { MiniStep, Site } from '../model/miniature.ts';
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
  miniature: { refuses, room: (_node, above) => above + 8, steps: (nodes, site) => nodes.map((node) => makeSmall(node, site)) },
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

function refuses(node: Node): string | undefined {
  if (node.facts.metadata?.startsWith('external:')) return `metadata ${node.facts.metadata} belongs to firmware`;
  return /^(raid\d+|linear)$/.test(node.facts.level ?? '') ? undefined : `an array in the state "${node.facts.level}"`;
}

function makeSmall(node: Node, site: Site): MiniStep {
  const attribute = (name: string) => site.src.door.text(`/sys/block/${node.kname}/md/${name}`);
  const members = node.below.map((id) => site.path(id));
  const count = Number(attribute('raid_disks')) || members.length;
  const { level = '', metadata = '' } = node.facts;
  const bitmap = attribute('bitmap/location');
  const chunk = Number(attribute('chunk_size')) / 1024;
  const isStriped = !['raid1', 'linear'].includes(level);
  return {
    title: `make array ${node.name} (${level})`,
    id: `md:${node.kname}`,
    makes: [node.id],
    needs: node.below,
    make: [
      {
        argv: [
          'mdadm',
          '--create',
          node.path,
          '--run',
          '--quiet',
          '--assume-clean',
          '--homehost=any',
          `--level=${level.replace('raid', '')}`,
          `--metadata=${metadata || '1.2'}`,
          ...(/^\d/.test(metadata) && metadata !== '0.90' ? [`--name=${node.name.replace(/.*\//, '')}`] : []),
          ...(bitmap && bitmap !== 'none' && level !== 'raid0' ? ['--bitmap=internal'] : []),
          ...(isStriped && chunk > 0 ? [`--chunk=${chunk}`] : []),
          `--raid-devices=${count}`,
          ...members,
          ...Array.from({ length: Math.max(0, count - members.length) }, () => 'missing'),
        ],
        until: node.path,
      },
    ],
    modules: [/^raid[456]$/.test(level) ? 'raid456' : level],
    again: [{ argv: ['mdadm', '--assemble', '--quiet', '--run', node.path, ...members], until: node.path }],
    checks: members.flatMap((member) => [
      { argv: ['mdadm', '--examine', member], about: `superblock of ${node.name} on ${member}`, has: 'State : (clean|active)', lacks: 'State : active' },
      // A degraded array's members may have parted ways before; equal counters are asked of whole ones.
      ...(count === members.length
        ? [{ argv: ['mdadm', '--examine', member] as const, about: `event counter of ${node.name} on ${member}`, has: 'Events : ([0-9.]+)', equal: node.id }]
        : []),
    ]),
    ...(attribute('raid_disks') === undefined && {
      notes: ["md: chunk sizes, bitmaps and missing members are not in this capture: mdadm's defaults, and every array whole"],
    }),
  };
}
