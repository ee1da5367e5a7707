/** Something that stands in a stack of block layers: a disk, a mapping, an array, a file system in use, a mount. */
export interface Node {
  /** Prefixed with its namespace (`dev:`, `mount:`, `btrfs:`, `swap:`, …), unique in one reading of a host. */
  readonly id: string;
  /** The layer that understands it. */
  readonly kind: string;
  /** What an administrator calls it: mapper name, VG/LV, md0, mount point. */
  readonly name: string;
  /** The kernel's name of the block device (dm-3), where it is one. */
  readonly kname?: string;
  /** A path that names it: /dev/mapper/bak00, /srv/backup. */
  readonly path: string;
  /** More words for people and scripts: type, level, vg, fstype… */
  readonly facts: Readonly<Record<string, string>>;
  /** Ids of what it lies on directly. */
  readonly below: readonly string[];
  /**
   * `step`: closed by a step of its own. `implicit`: goes when the last thing above it goes (an LV's images, a btrfs
   * whose last mount ends). `never`: nothing to close (a disk, a partition), or not ours to close.
   */
  readonly close: 'step' | 'implicit' | 'never';
  /** Whether a teardown of the whole host closes it for its own sake, not only because it is in the way. */
  readonly wanted: boolean;
  /** Closed by a running system or not at all: it takes a daemon or the network, which an exitrd has not, and open it holds no key. */
  readonly liveOnly?: true;
}

/** `above` lies on `below`: it must be closed first. */
export interface Edge {
  readonly above: string;
  readonly below: string;
}
