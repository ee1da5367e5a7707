import type { Holder } from '../model/holder.ts';
import type { BlockDevice, Door, FuseServer, Sources } from '../model/sources.ts';
import { PROGRAM } from '../sources/host.ts';
import { pathAndParents } from '../sources/places.ts';
import type { Topology } from '../topology/graph.ts';
import type { Entry } from './recorder.ts';
import { redact } from './redact.ts';

/** Small attributes that other readers of such trees want (lsblk --sysroot) and that a later version of this program may. */
const ATTRIBUTES = ['dev', 'size', 'ro', 'removable', 'partition', 'start', 'hidden', 'md/raid_disks', 'md/chunk_size', 'md/bitmap/location'];
const FILES = ['/etc/os-release', '/proc/mdstat', '/proc/meminfo', '/proc/version'];

/** What goes into a capture: what was read, made safe to share, and a little more that costs nothing. */
export function captureEntries(
  recorded: ReadonlyMap<string, Entry>,
  { src, graph, holders, foreign }: { src: Sources; graph: Topology; holders: readonly Holder[]; foreign: readonly Holder[] },
): Map<string, Entry> {
  const { door } = src;
  const entries = new Map<string, Entry>();
  for (const [path, entry] of recorded) {
    if (isPrivate(path)) continue;
    entries.set(path, entry.is === 'file' ? { is: 'file', text: redact(path, entry.text) } : entry);
  }
  if (door.live && process.argv[1]) entries.set(PROGRAM, { is: 'link', to: process.argv[1] });
  for (const path of FILES) addFile(entries, door, path);
  for (const block of src.blocks) addBlock(entries, src, block);
  for (const { uuid } of src.btrfs) addProfiles(entries, door, `/sys/fs/btrfs/${uuid}/allocation`);
  for (const holder of holders) addHolder(entries, holder, graph.node(holder.node)?.path ?? '/');
  for (const process of foreign) addNamespace(entries, src, process);
  for (const server of src.fuseServers()) addFuseServer(entries, server, src);
  return pruneFolders(dropUnderFiles(entries), door);
}

/**
 * A name that was only listed is kept as the link it is; an empty folder says nothing, and would not survive a repository.
 */
function pruneFolders(entries: Map<string, Entry>, door: Door): Map<string, Entry> {
  const parents = new Set([...entries].filter(([, entry]) => entry.is !== 'folder').flatMap(([path]) => foldersAbove(path)));
  for (const [path, entry] of entries) {
    if (entry.is !== 'folder' || parents.has(path)) continue;
    const to = isListed(path) ? door.link(path) : undefined;
    if (to === undefined) entries.delete(path);
    else entries.set(path, { is: 'link', to });
  }
  return entries;
}

/** Names in these folders count although nothing below them is read. */
function isListed(path: string): boolean {
  return /^\/sys\/fs\/(btrfs\/[^/]+\/devices|bcachefs\/[^/]+|bcache\/[^/]+)\/[^/]+$/.test(path);
}

function foldersAbove(path: string): string[] {
  return pathAndParents(path).slice(1);
}

/** Of the processes only those in the way are told, and of what they hold only where it is mounted. What was rehearsed was not the capture. */
function isPrivate(path: string): boolean {
  if (path.endsWith('/uninitramfs/rehearsal.json')) return true;
  return (/^\/proc\/\d+(\/|$)/.test(path) && path !== '/proc/1/exe') || path.startsWith('/run/systemd/') || path.startsWith('/.') || path.startsWith('/run/.');
}

function addFile(entries: Map<string, Entry>, door: Door, path: string): void {
  const text = door.text(path);
  if (text !== undefined) entries.set(path, { is: 'file', text: `${text}\n` });
}

function addBlock(entries: Map<string, Entry>, src: Sources, { sys }: BlockDevice): void {
  const { door } = src;
  entries.set(sys, { is: 'folder' });
  for (const name of ATTRIBUTES) addFile(entries, door, `${sys}/${name}`);
  const up = '../'.repeat(sys.split('/').length - 1);
  for (const folder of ['slaves', 'holders']) {
    for (const name of door.list(`${sys}/${folder}`)) {
      const other = src.block(name);
      if (other) entries.set(`${sys}/${folder}/${name}`, { is: 'link', to: up + other.sys.slice('/sys/'.length) });
    }
  }
  const devno = door.text(`${sys}/dev`);
  if (devno) entries.set(`/sys/dev/block/${devno}`, { is: 'link', to: `../../${sys.slice('/sys/'.length)}` });
}

/** How a btrfs keeps its data and metadata (raid1, single…) is told by the names of folders; a file in each keeps them in the capture. */
function addProfiles(entries: Map<string, Entry>, door: Door, allocation: string): void {
  for (const kind of ['data', 'metadata'])
    for (const name of door.list(`${allocation}/${kind}`)) addFile(entries, door, `${allocation}/${kind}/${name}/total_bytes`);
}

function addHolder(entries: Map<string, Entry>, holder: Holder, path: string): void {
  const base = `/proc/${holder.pid}`;
  entries.set(`${base}/comm`, { is: 'file', text: `${holder.comm}\n` });
  entries.set(`${base}/cgroup`, { is: 'file', text: `0::/${holder.unit}\n` });
  const how = holder.what.split(' ')[0];
  const isCwd = how === 'cwd';
  entries.set(`${base}/cwd`, { is: 'link', to: isCwd ? path : '/' });
  if (!isCwd) entries.set(`${base}/fd/9`, { is: 'link', to: path });
}

/** Of a mount namespace only what is of devices, and what that is mounted on. */
function addNamespace(entries: Map<string, Entry>, { door, knameOfDevno, mounts }: Sources, { pid, comm, unit }: Holder): void {
  const base = `/proc/${pid}`;
  entries.set(`${base}/comm`, { is: 'file', text: `${comm}\n` });
  entries.set(`${base}/cgroup`, { is: 'file', text: `0::/${unit}\n` });
  const namespace = door.link(`${base}/ns/mnt`);
  if (namespace !== undefined) entries.set(`${base}/ns/mnt`, { is: 'link', to: namespace });
  const lines = (door.text(`${base}/mountinfo`) ?? '').split('\n').map((line) => ({ line, words: line.split(' ') }));
  const known = new Set(mounts.map(({ devno }) => devno));
  const ofDevices = lines.filter(({ words }) => known.has(words[2] ?? '') || knameOfDevno(words[2] ?? '') !== undefined);
  const parents = new Set(ofDevices.map(({ words }) => words[1]));
  const kept = lines.filter((each) => ofDevices.includes(each) || parents.has(each.words[0]));
  entries.set(`${base}/mountinfo`, { is: 'file', text: redact('/proc/self/mountinfo', kept.map(({ line }) => `${line}\n`).join('')) });
}

function addFuseServer(entries: Map<string, Entry>, { pid, serves, holds }: FuseServer, src: Sources): void {
  const base = `/proc/${pid}`;
  entries.set(`${base}/comm`, { is: 'file', text: 'fuse\n' });
  entries.set(`${base}/cmdline`, { is: 'file', text: ['fuse', ...serves].join('\0') });
  entries.set(`${base}/cwd`, { is: 'link', to: '/' });
  const places = new Set(holds.flatMap((path) => src.mountHolding(path)?.mountpoint ?? []));
  for (const [index, to] of ['/dev/fuse', ...places].entries()) entries.set(`${base}/fd/${index}`, { is: 'link', to });
}

/** A name that was listed before it was read may stand both as a folder and below a link: what was read counts. */
function dropUnderFiles(entries: Map<string, Entry>): Map<string, Entry> {
  for (const path of entries.keys()) {
    const parent = path.slice(0, path.lastIndexOf('/'));
    if (parent !== '' && entries.has(parent) && entries.get(parent)?.is !== 'folder') entries.delete(path);
  }
  return entries;
}
