import { isMemberPool } from '../model/member-pool.ts';
import type { Report, ReportNode } from '../model/report.ts';
import { type Paint, printable } from './words.ts';

/** Drawn inline beside what they lie on instead of as lines of their own. */
const INLINE = new Set(['mount', 'swap', 'automount']);

/**
 * The stack as a tree, disks first, with mounts beside what carries them. What stands on several things is drawn out under
 * the first and named under the others.
 */
export function renderTree(report: Report, paint: Paint): string[] {
  const nodes = new Map(report.nodes.map((node) => [node.id, node]));
  const above = new Map<string, ReportNode[]>();
  for (const node of report.nodes) for (const id of node.below) above.set(id, [...(above.get(id) ?? []), node]);
  const drawn = new Set<string>();
  const rows: { tree: string; node: ReportNode; again: boolean }[] = [];
  const draw = (node: ReportNode, lead: string, branch: string): void => {
    const again = drawn.has(node.id);
    drawn.add(node.id);
    const children = again ? [] : carriedBy(node, above);
    rows.push({ tree: lead + branch, node, again });
    const deeper = lead + (branch === '' ? '' : branch === '└─' ? '  ' : '│ ');
    for (const child of children) draw(child, deeper, child === children.at(-1) ? '└─' : '├─');
  };
  for (const root of report.nodes.filter((node) => isRoot(node, nodes, above))) draw(root, '', '');
  const width = Math.min(44, Math.max(...rows.map((row) => row.tree.length + printable(row.node.name).length), 0)) + 2;
  return rows.map(({ tree, node, again }) => {
    const label = tree + printable(node.name);
    const kind = printable(kindOf(node)).padEnd(12);
    const beside = again ? paint('dim', '(see above)') : besides(node, above, paint);
    return `${label.padEnd(width)}${paint('cyan', kind)}${beside}`.trimEnd();
  });
}

/** Everything that stands on a node, or on a mount of it, and has a line of its own. */
function carriedBy(node: ReportNode, above: ReadonlyMap<string, ReportNode[]>): ReportNode[] {
  const found: ReportNode[] = [];
  for (const child of above.get(node.id) ?? []) {
    if (!INLINE.has(child.kind)) found.push(child);
    else if (child.below[0] !== undefined && carrierOf(child) === node.id) found.push(...carriedBy(child, above));
  }
  return [...new Set(found)].filter((child) => child.kind !== 'mount');
}

/** A mount names the mount it was made on first and its device last. */
function carrierOf(mount: ReportNode): string | undefined {
  return mount.below.find((id) => !id.startsWith('mount:')) ?? mount.below[0];
}

function isRoot(node: ReportNode, nodes: ReadonlyMap<string, ReportNode>, above: ReadonlyMap<string, ReportNode[]>): boolean {
  if (node.kind === 'zram') return true;
  if (!INLINE.has(node.kind)) return node.below.every((id) => !nodes.has(id));
  // A mount without a device gets a line of its own only when something is built on it.
  const onDevice = node.below.some((id) => !id.startsWith('mount:'));
  return (
    node.kind === 'mount' &&
    !onDevice &&
    ((above.get(node.id) ?? []).some((child) => !INLINE.has(child.kind)) || (node.selected && node.facts.fstype !== 'overlay'))
  );
}

function kindOf(node: ReportNode): string {
  if (node.kind === 'crypt') return node.facts.type ?? 'crypt';
  if (node.kind === 'md') return node.facts.level ?? 'md';
  if (node.kind === 'mount') return node.facts.fstype ?? 'mount';
  return node.kind === 'partition' ? 'part' : node.kind;
}

function besides(node: ReportNode, above: ReadonlyMap<string, ReportNode[]>, paint: Paint): string {
  const swap = (above.get(node.id) ?? [])
    .filter((child) => child.kind === 'swap')
    .map((child) => (child.below.includes(node.id) && node.kname ? '[swap]' : `[swap ${child.name}]`));
  const file = node.kind === 'loop' ? [`file ${node.facts.file}`] : [];
  // Members of a pool show its mounts once, on the pool.
  const carriesPool = (above.get(node.id) ?? []).some(isMemberPool);
  const mounts = carriesPool || node.kind === 'mount' ? [] : node.mountpoints;
  return [...file, ...mounts, ...swap].map(printable).join('  ') + (node.pinned && !['disk', 'partition'].includes(node.kind) ? paint('dim', '  (root)') : '');
}
