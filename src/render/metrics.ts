import type { Audited } from '../model/audit.ts';
import { WIPE_LEVELS } from '../model/config.ts';

interface Metric {
  readonly name: string;
  readonly help: string;
  /** A number without labels, or a number for each value of a label. Undefined where it is not known: then it is left out. */
  readonly is: number | boolean | undefined | { readonly label: string; readonly values: Readonly<Record<string, number>> };
}

/** An audit for Prometheus, as node exporter's textfile collector reads it (prometheus.io: Exposition formats). */
export function renderMetrics(audited: Audited): string {
  return metricsOf(audited).map(block).join('');
}

function metricsOf({ version, counts, exitrd, wipe, rehearsal }: Audited): Metric[] {
  return [
    { name: 'build_info', help: 'The program that looked.', is: { label: 'version', values: { [version]: 1 } } },
    { name: 'findings', help: 'Findings of the audit.', is: { label: 'severity', values: counts.findings } },
    { name: 'nodes', help: 'What stands in the stack of block layers.', is: { label: 'kind', values: counts.nodes } },
    { name: 'steps', help: 'Steps that close it, outside the root (live) and below it (exitrd).', is: { label: 'stage', values: counts.steps } },
    { name: 'stays_open', help: 'What will still be open when the power goes.', is: counts.staysOpen },
    { name: 'suspended', help: 'Mappings and pools that hold back everything that touches them.', is: counts.suspended },
    { name: 'network_mounts', help: 'Network file systems that are mounted.', is: counts.networkMounts },
    { name: 'busy', help: 'Mounts and devices that a process uses.', is: counts.busy },
    { name: 'keyfile_devices_open', help: 'Open devices that hold keys of others.', is: counts.keyfileDevicesOpen },
    { name: 'exitrd_installed', help: "Whether the next shutdown enters this program's exitrd.", is: exitrd.state === 'ours' },
    { name: 'exitrd_needed', help: 'Whether anything below the root has to be closed.', is: exitrd.state !== 'not-needed' },
    { name: 'exitrd_new_since_plan', help: "What is there that the exitrd's plan was not made for.", is: exitrd.newSincePlan ?? undefined },
    {
      name: 'wipe_level',
      help: 'How memory is wiped at the end of a shutdown: 1 for the level in force.',
      is: { label: 'level', values: Object.fromEntries(WIPE_LEVELS.map((level) => [level, level === wipe.level ? 1 : 0])) },
    },
    {
      name: 'rehearsal_timestamp_seconds',
      help: 'When this host was last rehearsed.',
      is: rehearsal ? Math.floor(Date.parse(rehearsal.date) / 1000) : undefined,
    },
    { name: 'rehearsal_ok', help: 'Whether that rehearsal closed everything, clean, with no key left.', is: rehearsal?.ok },
    {
      name: 'rehearsal_current',
      help: 'Whether the stack and the programs are still those that were rehearsed.',
      is: rehearsal ? rehearsal.changes.length === 0 : undefined,
    },
  ];
}

function block({ name, help, is }: Metric): string {
  if (is === undefined) return '';
  const full = `uninitramfs_${name}`;
  const samples =
    typeof is === 'object'
      ? Object.entries(is.values).map(([value, number]) => `${full}{${is.label}="${escapeLabel(value)}"} ${number}`)
      : [`${full} ${Number(is)}`];
  return [`# HELP ${full} ${help}`, `# TYPE ${full} gauge`, ...samples, ''].join('\n');
}

/** What the format asks for in the value of a label. */
function escapeLabel(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
