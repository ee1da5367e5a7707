/** Whether this is a file system over its members, one node between them and its mounts, which closes with the last of these. */
export function isMemberPool(node: { readonly kind: string } | undefined): boolean {
  return node?.kind === 'btrfs' || node?.kind === 'bcachefs';
}
