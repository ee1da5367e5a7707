import type { Node } from './node.ts';

/** File systems that a server of the network has (mount(8), fuse(4)). */
const FILE_SYSTEMS = /^(nfs4?|cifs|smb3|ceph|glusterfs|9p|afs|lustre|fuse\.(sshfs|glusterfs|ceph-fuse|s3fs|rclone|davfs2?))$/;

/** Layers whose devices are served over a network. */
const KINDS = ['nbd', 'iscsi', 'nvme-fabric', 'drbd'];

export function isNetworkFileSystem(fstype: string): boolean {
  return FILE_SYSTEMS.test(fstype);
}

/** Whether it is there only as long as the network is. */
export function isOfNetwork({ kind, facts }: Node): boolean {
  return KINDS.includes(kind) || (kind === 'mount' && isNetworkFileSystem(facts.fstype ?? ''));
}
