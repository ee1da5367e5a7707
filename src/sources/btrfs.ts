import type { Door, MemberPool } from '../model/sources.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads the btrfs file systems the kernel has open: tools show one of several members, /sys/fs/btrfs knows all. */
export function readBtrfs(door: Door): MemberPool[] {
  return door
    .list('/sys/fs/btrfs')
    .filter((name) => UUID.test(name))
    .map((uuid) => ({
      uuid,
      label: door.text(`/sys/fs/btrfs/${uuid}/label`) ?? '',
      members: door.list(`/sys/fs/btrfs/${uuid}/devices`),
    }));
}
