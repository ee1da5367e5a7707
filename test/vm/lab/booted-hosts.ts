import type { Suite } from './boot-tree.ts';

/** A reference host that boots: what its recipe in test/vm/hosts does not say. */
export interface BootedHost {
  readonly suite: Suite;
  readonly recipe: string;
  /** Megabytes of each disk: sda, sdb, … */
  readonly disks: readonly number[];
  /** Variables of the recipe. */
  readonly settings: Readonly<Record<string, string | number>>;
  /** The kernel's root=. */
  readonly root: string;
  readonly fstab: string;
  readonly crypttab: string;
}

const RENTED_SERVER: BootedHost = {
  suite: 'trixie',
  recipe: 'rented-server',
  disks: [640, 640],
  settings: { BOOT_MB: 96, SWAP_MB: 64 },
  root: '/dev/mapper/vg0-root',
  fstab: `/dev/mapper/vg0-root / ext4 errors=remount-ro 0 1
/dev/md0 /boot ext3 defaults 0 2
/dev/mapper/vg0-swap none swap sw 0 0`,
  crypttab: 'cryptroot /dev/md1 none luks,initramfs',
};

export const BOOTED_HOSTS = {
  'rented-server': RENTED_SERVER,
  'rented-server-bookworm': { ...RENTED_SERVER, suite: 'bookworm' },
} as const satisfies Record<string, BootedHost>;

export type BootedHostName = keyof typeof BOOTED_HOSTS;
