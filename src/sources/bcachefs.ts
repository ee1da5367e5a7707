import type { Door, MemberPool } from '../model/sources.ts';

const ROOT = '/sys/fs/bcachefs';
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Reads the bcachefs file systems the kernel has open. Each member that is online has a link to its block device (kernel: fs/bcachefs/super.c, bch2_dev_sysfs_online). */
export function readBcachefs(door: Door): MemberPool[] {
  return door
    .list(ROOT)
    .filter((name) => UUID.test(name))
    .map((uuid) => ({
      uuid,
      label: '',
      members: door
        .list(`${ROOT}/${uuid}`)
        .filter((name) => /^dev-\d+$/.test(name))
        .flatMap((name) => door.link(`${ROOT}/${uuid}/${name}/block`)?.split('/').pop() ?? []),
    }));
}
