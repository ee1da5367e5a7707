/** What a reader of a host offers to the layers. Everything comes through one door that takes a root directory. */

/** Reads below one root directory. Absent and unreadable are the same answer here: undefined or an empty list. */
export interface Door {
  /** The root directory; `/` is the live host. */
  readonly root: string;
  /** Whether this is the running host and not a capture of one. */
  readonly live: boolean;
  /** A file's text, trimmed at the end. */
  text(path: string): string | undefined;
  /** The names in a directory, sorted by code unit. */
  list(path: string): readonly string[];
  /** What a symbolic link says, unresolved. */
  link(path: string): string | undefined;
  exists(path: string): boolean;
  /** The permission bits of what is there, through links. A capture does not tell them. */
  mode(path: string): number | undefined;
  /**
   * What a program prints that only reads, for the little that no file tells; a capture keeps it. Undefined when it is not there, fails, or takes longer
   * than ten seconds: then it is left behind.
   */
  answer(argv: readonly string[]): string | undefined;
}

/** An LVM logical volume's name, taken apart from the device-mapper name (`vg-lv-layer`, dashes doubled). */
export interface LvmName {
  readonly vg: string;
  readonly lv: string;
  /** lvm2's internal layer below a visible LV (`real`, `cow`, `tpool`…), empty for a device of its own. */
  readonly layer: string;
}

export interface DmInfo {
  readonly name: string;
  /** `SUBSYSTEM-…`, empty when whoever made the device gave none. */
  readonly uuid: string;
  /** I/O to it waits until somebody resumes it. */
  readonly suspended: boolean;
  /** The path that stays the same from boot to boot: /dev/VG/LV, or /dev/mapper/NAME. */
  readonly path: string;
  /** The name as an argument for dmsetup and cryptsetup: never taken for an option. */
  readonly operand: string;
  readonly lvm?: LvmName;
}

/** A block device as /sys/block shows it. */
export interface BlockDevice {
  /** Kernel name, `dm-3`, `sda1`; a `!` stands for a `/` in /dev. */
  readonly kname: string;
  /** Its directory in sysfs. */
  readonly sys: string;
  readonly devPath: string;
  /** The whole disk's kname, when this is a partition. */
  readonly partitionOf?: string;
  /** knames of the devices it uses (sysfs `slaves`). */
  readonly slaves: readonly string[];
  readonly dm?: DmInfo;
  /** Names in its sysfs directory (empty for device-mapper, which needs none of them). */
  readonly entries: readonly string[];
}

/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)), escapes decoded. */
export interface Mount {
  readonly mountId: number;
  readonly parentId: number;
  /** `major:minor` of the superblock. */
  readonly devno: string;
  /** Path inside the file system that is the root of this mount. */
  readonly fsRoot: string;
  readonly mountpoint: string;
  readonly options: string;
  /** `shared:N`, `master:N`…: what is mounted on it here is passed on to, or comes from, others (mount_namespaces(7)). */
  readonly propagation: readonly string[];
  readonly fstype: string;
  readonly source: string;
  readonly superOptions: string;
}

/** One line of /proc/swaps. */
export interface Swap {
  readonly path: string;
  readonly type: string;
  /** KiB. */
  readonly size: number;
  /** KiB. */
  readonly used: number;
  /** The swap file's name was removed while in use. */
  readonly deleted: boolean;
}

/** What this program needs of a line of fstab(5). */
export interface FstabEntry {
  readonly spec: string;
  readonly mountpoint: string;
}

/** One line of crypttab(5). */
export interface CrypttabEntry {
  readonly name: string;
  readonly device: string;
  /** The key field as written, `none` and `-` as undefined. */
  readonly key: string | undefined;
  readonly options: readonly string[];
}

/** A mount and where it stands. */
export interface PlacedMount extends Mount {
  readonly id: string;
  /** The node id of the mount it was mounted on, when that is in the table. */
  readonly parent: string | undefined;
  /** Node ids of later mounts that cover its mount point: a walk from / no longer reaches it. */
  readonly coveredBy: readonly string[];
}

/** A mounted file system over several devices and its members (kernel: fs/btrfs/sysfs.c, fs/bcachefs/sysfs.c). */
export interface MemberPool {
  readonly uuid: string;
  readonly label: string;
  /** knames. */
  readonly members: readonly string[];
}

/** An imported ZFS pool. */
export interface ZfsPool {
  readonly name: string;
  /** The kernel's word: ONLINE, DEGRADED, SUSPENDED… */
  readonly state: string;
  /** Paths of its devices and files, those of logs, caches and spares too; undefined when nobody could tell. */
  readonly vdevs: readonly string[] | undefined;
  /** Where its native encryption keys belong to, and whether each is loaded. */
  readonly keys: readonly ZfsKey[];
}

/** A dataset that others inherit their key from (zfsprops(7): encryptionroot). */
export interface ZfsKey {
  readonly dataset: string;
  readonly isLoaded: boolean;
  /** As zfs has it: prompt, file:///PATH, https://… */
  readonly location: string;
}

/** A DRBD resource that is up. */
export interface DrbdResource {
  readonly name: string;
  readonly volumes: readonly {
    readonly minor: string;
    /** Its lower device, as it was given; absent where it runs on the peer's disk alone. */
    readonly disk?: string;
  }[];
}

/** A multipath map, as the kernel sees it. */
export interface MultipathMap {
  /** What finds no path waits until there is one, for ever if need be (queue_if_no_path). */
  readonly queues: boolean;
  readonly paths: number;
  /** Paths that have not failed. */
  readonly alive: number;
  /** The words of `dmsetup status NAME` that together say: these groups, as many paths in each as now, and every one of them has failed. */
  readonly dead: readonly { readonly index: number; readonly text: string }[];
}

/** A process that serves fuse mounts from user space, and what it holds open to do so. */
export interface FuseServer {
  readonly pid: number;
  /** The mount points it was started for. */
  readonly serves: readonly string[];
  /** Paths it holds. */
  readonly holds: readonly string[];
}

/** Everything read from one host. */
export interface Sources {
  readonly door: Door;
  readonly host: string;
  readonly blocks: readonly BlockDevice[];
  readonly mounts: readonly PlacedMount[];
  readonly btrfs: readonly MemberPool[];
  readonly bcachefs: readonly MemberPool[];
  readonly zfs: readonly ZfsPool[];
  readonly drbd: readonly DrbdResource[];
  readonly swaps: readonly Swap[];
  readonly crypttab: readonly CrypttabEntry[];
  fstab(): readonly FstabEntry[];
  /** Looked for only where something is mounted by fuse. */
  fuseServers(): readonly FuseServer[];
  /** By device-mapper name. Asked for only where there is such a map. */
  multipath(name: string): MultipathMap | undefined;
  /** Paths the running system cannot lose: /, /usr, the running program and PID 1. */
  readonly programPaths: readonly string[];
  /** What could not be read and why it matters, for the findings. */
  readonly unseen: readonly string[];

  block(kname: string): BlockDevice | undefined;
  /** The kname behind `major:minor`. */
  knameOfDevno(devno: string): string | undefined;
  /** The kname behind a device path, by device-mapper name, kernel name or udev's links. */
  knameOfPath(path: string): string | undefined;
  /** The visible mount that holds a path. */
  mountHolding(path: string): PlacedMount | undefined;
  /** Everything mounted at exactly this path, the first one first. */
  mountsAt(path: string): readonly PlacedMount[];
  /** `/dev` links udev made for a block device, without `/dev/`. */
  udevLinks(kname: string): readonly string[];
}
