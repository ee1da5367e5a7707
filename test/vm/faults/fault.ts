import type { BootedHostName } from '../lab/booted-hosts.ts';
import type { DiskServers } from '../lab/disk-servers.ts';
import type { Machine, MachineOptions } from '../lab/machine.ts';

/**
 * Something that goes wrong at a shutdown, injected for real into a booted machine. Whatever it is, the machine ends by itself within the bound,
 * nothing that was synced is lost, and the console says in plain words what is wrong.
 */
export interface Fault {
  /** What goes wrong: the first cell of a row of docs/RELIABILITY.md. */
  readonly what: string;
  /** What then happens, in the words of an administrator. */
  readonly outcome: string;
  /** Whether `npm test` runs it; `npm run reliability` runs all. */
  readonly always?: boolean;
  readonly host: BootedHostName;
  readonly options?: MachineOptions;
  /** Megabytes of each empty disk that is plugged in: $disk0, $disk1, … */
  readonly disks?: readonly number[];
  /** sh, with the words of words.sh; the program is there, and `saved` on the root. */
  readonly inject: string;
  /** What an nbd server outside the machine exports, beside an iSCSI target with one disk: `nbd` and `iscsi` connect them. */
  readonly servers?: readonly string[];
  /** What cannot be done from within. */
  readonly outside?: (machine: Machine, servers: DiskServers | undefined) => Promise<void>;
  /** How the end is asked for: systemctl poweroff, if it does not say. */
  readonly ask?: string;
  /** QEMU's word for the end: guest-shutdown, if it does not say. */
  readonly reason?: string;
  /** Seconds from asking to the end of the machine, in an emulated processor that shares two cores. */
  readonly bound: number;
  /** What the console must say. */
  readonly says: readonly RegExp[];
  readonly neverSays?: readonly RegExp[];
  /** What may be found not clean from outside. All else must be. */
  readonly unclean?: RegExp;
  /** Where `saved` lies afterwards, whole: as many file systems, if more than the root. */
  readonly saved?: number;
  /** No volume key may be in memory afterwards, of the host's disks or of those that were plugged in. */
  readonly keys?: boolean;
}
