import type { MiniatureMaker, MiniCheck, MiniOp, MiniStep, Site } from '../model/miniature.ts';
import type { Node } from '../model/node.ts';
import type { PlacedMount, Sources } from '../model/sources.ts';

/** How a type of file system is made, how much it takes at least, and how one sees that nothing is left to replay. */
interface Recipe {
  readonly megabytes: number;
  readonly make: (device: string, uuid: string | undefined) => MiniOp;
  readonly clean?: (device: string) => Omit<MiniCheck, 'about'>;
  /** Options of the superblock that may be given again; the rest are sizes, places, or the kernel's own choice. */
  readonly options?: RegExp;
}

const ext = (type: string): Recipe => ({
  megabytes: 24,
  make: (device, uuid) => ({ argv: ['mke2fs', '-q', '-F', '-t', type, ...(uuid ? ['-U', uuid] : []), device] }),
  clean: (device) => ({ argv: ['dumpe2fs', '-h', device], has: 'Filesystem state: +clean\n', lacks: 'needs_recovery' }),
  options: /^(data=|commit=|errors=|nobarrier|discard|noauto_da_alloc|journal_)/,
});

const RECIPES: Readonly<Record<string, Recipe>> = {
  ext2: ext('ext2'),
  ext3: ext('ext3'),
  ext4: ext('ext4'),
  xfs: {
    // mkfs.xfs refuses less than 300.
    megabytes: 320,
    make: (device) => ({ argv: ['mkfs.xfs', '-q', '-f', device] }),
    clean: (device) => ({ argv: ['xfs_logprint', '-t', device], has: 'log tail:.*state: <CLEAN>' }),
    options: /^(discard|inode64|inode32|allocsize=|largeio|wsync|noalign)/,
  },
  jfs: {
    megabytes: 36,
    make: (device) => ({ argv: ['mkfs.jfs', '-q', device] }),
    clean: (device) => ({ argv: ['jfs_fsck', '-n', device], has: '[Cc]lean' }),
    options: /^(errors=|iocharset=)/,
  },
  vfat: {
    megabytes: 36,
    make: (device) => ({ argv: ['mkfs.vfat', device] }),
    clean: (device) => ({ argv: ['fsck.fat', '-n', device], lacks: 'Dirty bit is set' }),
    options: /^(fmask=|dmask=|umask=|uid=|gid=|shortname=|errors=|discard)/,
  },
  // Made by its own layer, over all its members.
  btrfs: {
    megabytes: 1,
    make: () => ({}),
    options: /^(compress|noatime|autodefrag|nossd|discard|space_cache=|commit=|user_subvol_rm_allowed|flushoncommit|subvol=)/,
  },
};

/** File systems of the kernel's own that can simply be mounted. */
const OF_THE_KERNEL = new Set('tmpfs ramfs proc sysfs devtmpfs devpts cgroup2 tracefs debugfs securityfs configfs mqueue hugetlbfs'.split(' '));

/** Where a file system is mounted for a moment, so that a folder in it can be bound elsewhere. */
const TOP = '/run/rehearsal/bind';

/** The same types at the same mount points with the same options, and a little data on each. */
export const mountMiniature: MiniatureMaker = {
  refuses: (node, src) => {
    const type = node.facts.fstype ?? '';
    if (type === 'zfs') return 'User Mode Linux has no ZFS';
    if (/^(nfs|cifs|smb|9p|ceph|gluster|afs|virtiofs)/.test(type)) return `${type} needs its server`;
    if (/^fuse/.test(type)) return `${type} needs the program that serves it`;
    if (type === 'overlay' || OF_THE_KERNEL.has(type) || entryOf(node, src) === undefined) return undefined;
    return RECIPES[type] ? undefined : `nobody has written down how a small ${type} is made`;
  },
  room: (node, above) => above + (recipeOf(node)?.megabytes ?? 24),
  path: (node, site) => (node.path === '/' ? site.root : site.root + node.path),
  steps: (nodes, site) => {
    const made = new Set<string>();
    const filled = new Set<string>();
    return nodes.flatMap((node) => {
      const device = carrier(node, site);
      const isNew = device !== undefined && !made.has(device) && fsType(node, site) !== 'btrfs';
      if (device !== undefined) made.add(device);
      const place = `${device} ${node.facts.fsRoot}`;
      const mounted = mountStep(node, device, site);
      const { data, ...bare } = mounted;
      // Mounted twice, it is still one folder: what is written to it is written once.
      const step = filled.has(place) ? bare : mounted;
      if (data) filled.add(place);
      return [...(isNew ? [makeFileSystem(node, device, site)] : []), step];
    });
  },
};

function recipeOf(node: Node): Recipe | undefined {
  return RECIPES[node.facts.fstype ?? ''];
}

function entryOf(node: Node, src: Sources): PlacedMount | undefined {
  return src.mounts.find((entry) => entry.id === node.id);
}

/** A stand-in is an ext4. */
function fsType(node: Node, site: Site): string {
  const type = node.facts.fstype ?? '';
  if (OF_THE_KERNEL.has(type) || type === 'overlay') return type;
  const recipe = RECIPES[type];
  const tool = recipe?.make('', undefined).argv?.[0];
  return recipe && (tool === undefined || site.has(tool)) ? type : 'ext4';
}

/** The id of the device or btrfs it is on, or of the plain disk that stands in; undefined when it lies on nothing. */
function carrier(node: Node, site: Site): string | undefined {
  if (OF_THE_KERNEL.has(node.facts.fstype ?? '') || node.facts.fstype === 'overlay') return undefined;
  return node.below.find((id) => /^(dev|btrfs):/.test(id) && site.includes(id)) ?? `plain:${node.id}`;
}

function deviceOf(node: Node, carrierId: string, site: Site): string {
  if (!carrierId.startsWith('btrfs:')) return site.path(carrierId);
  const source = site.src.knameOfPath(node.facts.source ?? '');
  const members = site.graph.node(carrierId)?.below ?? [];
  return site.path(members.find((id) => id === `dev:${source}`) ?? (members[0] as string));
}

function makeFileSystem(node: Node, device: string, site: Site): MiniStep {
  const type = fsType(node, site);
  const path = site.path(device);
  const kname = device.startsWith('dev:') ? device.slice('dev:'.length) : '';
  const uuid = site.src.udevLinks(kname).flatMap((link) => /^disk\/by-uuid\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(link)?.[1] ?? [])[0];
  const recipe = RECIPES[type] as Recipe;
  const clean = recipe.clean?.(path);
  return {
    title: `make ${type} for ${node.path}`,
    id: `mkfs:${device}`,
    makes: [],
    needs: [device],
    make: [recipe.make(path, uuid)],
    again: [],
    checks: clean ? [{ ...clean, about: `${type} of ${node.path}` }] : [],
    ...(type !== node.facts.fstype && site.includes(device) && { notes: [`${node.path}: no program here makes ${node.facts.fstype}, ext4 stands in`] }),
  };
}

function mountStep(node: Node, device: string | undefined, site: Site): MiniStep {
  const type = fsType(node, site);
  const path = site.path(node.id);
  const isBtrfs = type === 'btrfs';
  return {
    title: `mount ${node.path} (${type})`,
    id: node.id,
    makes: [node.id],
    modules: type === 'vfat' ? ['vfat', 'nls_cp437', 'nls_iso8859-1'] : [type],
    needs: [...site.graph.below(node.id), ...(device === undefined ? [] : isBtrfs ? [device] : [device, `mkfs:${device}`])],
    ...mountOps(node, device, type, path, site),
    // A raw block device's file is what a mount of the kernel's own has none of.
    ...(device !== undefined && { data: { path: `${path}/.rehearsed`, kilobytes: 256 } }),
  };
}

function mountOps(node: Node, device: string | undefined, type: string, path: string, site: Site): Pick<MiniStep, 'make' | 'again'> {
  const folder: MiniOp = { argv: ['mkdir', '-p', path] };
  const ops = ((): MiniOp[] => {
    if (device === undefined && type === 'overlay') return overlayOps(node, site);
    if (device === undefined) return [folder, { argv: ['mount', '-t', type, '-o', vfsOptions(node).join(','), type, path] }];
    const options = [...vfsOptions(node), ...superOptions(node, type, site)].join(',');
    const from = deviceOf(node, device, site);
    const inner = innerFolder(node, type, site);
    if (inner === '/') return [folder, { argv: ['mount', '-t', type, '-o', options, from, path] }];
    return [
      folder,
      { argv: ['mkdir', '-p', TOP] },
      { argv: ['mount', '-t', type, '-o', options, from, TOP] },
      { argv: ['mkdir', '-p', TOP + inner] },
      { argv: ['mount', '--bind', TOP + inner, path] },
      { argv: ['umount', TOP] },
    ];
  })();
  return { make: ops, again: ops };
}

/** The folder of the file system that is mounted, as seen from the subvolume that a btrfs is mounted by. */
function innerFolder(node: Node, type: string, site: Site): string {
  const root = node.facts.fsRoot || '/';
  if (type !== 'btrfs') return root;
  const subvolume = /(?:^|,)subvol=([^,]+)/.exec(entryOf(node, site.src)?.superOptions ?? '')?.[1] ?? '/';
  return subvolume === '/' ? root : root.slice(subvolume.length) || '/';
}

/** Read-only comes last, when all is in its place. */
function vfsOptions(node: Node): string[] {
  return (node.facts.options ?? '').split(',').map((option) => (option === 'ro' ? 'rw' : option));
}

function superOptions(node: Node, type: string, site: Site): string[] {
  const options = (entryOf(node, site.src)?.superOptions ?? '').split(',');
  const known = RECIPES[type]?.options;
  return type === node.facts.fstype && known ? options.filter((option) => known.test(option) && option !== 'subvol=/') : [];
}

/** Inside the miniature's root, so that the kernel keeps the layers' paths as they are on the host. */
function overlayOps(node: Node, site: Site): MiniOp[] {
  const options = (entryOf(node, site.src)?.superOptions ?? '').split(/(?<!\\),/).filter((option) => /^(lowerdir|upperdir|workdir)=/.test(option));
  const folders = options.flatMap((option) => option.slice(option.indexOf('=') + 1).split(/(?<!\\):/));
  return [
    ...[...folders, node.path].map((path): MiniOp => ({ argv: ['mkdir', '-p', path], inside: true })),
    { argv: ['mount', '-t', 'overlay', '-o', options.join(','), 'overlay', node.path], inside: true },
  ];
}
