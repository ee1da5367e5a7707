// Written by "npm run layers" from this folder. A new layer is a new file here.
import type { Layer } from '../model/layer.ts';
import { autofs } from './autofs.ts';
import { bcache } from './bcache.ts';
import { bcacheSet } from './bcache-set.ts';
import { bcachefs } from './bcachefs.ts';
import { btrfs } from './btrfs.ts';
import { disk } from './disk.ts';
import { dm } from './dm.ts';
import { dmCrypt } from './dm-crypt.ts';
import { dmIntegrity } from './dm-integrity.ts';
import { dmVerity } from './dm-verity.ts';
import { drbd } from './drbd.ts';
import { drbdVolume } from './drbd-volume.ts';
import { ecryptfs } from './ecryptfs.ts';
import { fuse } from './fuse.ts';
import { iscsi } from './iscsi.ts';
import { loop } from './loop.ts';
import { lvm } from './lvm.ts';
import { md } from './md.ts';
import { mount } from './mount.ts';
import { multipath } from './multipath.ts';
import { nbd } from './nbd.ts';
import { nvmeFabric } from './nvme-fabric.ts';
import { overlay } from './overlay.ts';
import { partition } from './partition.ts';
import { stratis } from './stratis.ts';
import { swap } from './swap.ts';
import { unknown } from './unknown.ts';
import { vdo } from './vdo.ts';
import { zpool } from './zpool.ts';
import { zram } from './zram.ts';
import { zvol } from './zvol.ts';

export const layers: readonly Layer[] = [
  autofs,
  bcacheSet,
  bcache,
  bcachefs,
  btrfs,
  disk,
  dmCrypt,
  dmIntegrity,
  dmVerity,
  dm,
  drbdVolume,
  drbd,
  ecryptfs,
  fuse,
  iscsi,
  loop,
  lvm,
  md,
  mount,
  multipath,
  nbd,
  nvmeFabric,
  overlay,
  partition,
  stratis,
  swap,
  unknown,
  vdo,
  zpool,
  zram,
  zvol,
];
