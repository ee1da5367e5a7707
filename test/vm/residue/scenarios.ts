import type { BootedHostName } from '../lab/booted-hosts.ts';
import { makeDracutTree, placeDracutTree } from '../lab/dracut.ts';
import type { Machine, MachineOptions } from '../lab/machine.ts';
import { PASSPHRASE } from '../lab/serial.ts';

export interface Scenario {
  /** Where it can be measured; everywhere, if it does not say. */
  readonly hosts?: readonly BootedHostName[];
  readonly options?: MachineOptions;
  /** The program is there from the start. */
  readonly installed?: true;
  readonly prepare: (machine: Machine) => Promise<void>;
  /** What happens after the passphrase was typed. */
  readonly later?: (machine: Machine) => Promise<unknown>;
  /** Nothing is shut down: what a host holds while it runs. */
  readonly goesOn?: boolean;
}

const nothing = async (): Promise<void> => undefined;

/** The program as an administrator sets it up, with this much wiped. */
const ours = (wipe: string): Scenario => ({
  installed: true,
  prepare: async (machine) => {
    await machine.run(`mkdir -p /etc/uninitramfs\necho 'wipe = "${wipe}"' >/etc/uninitramfs/uninitramfs.toml\nsystemctl reload uninitramfs-exitrd`, 240);
  },
});

/**
 * A process of the root's waits for a day for a device (one that is suspended would be resumed), and no signal reaches it. udev and lvm2's own
 * unit would wait for that device as well, and systemd twice a minute and a half for a process not called @…; none of that is measured here.
 */
async function holdRoot(machine: Machine): Promise<void> {
  await machine.run(`mkdir -p /etc/lvm
echo 'devices { global_filter = [ "r|hang|", "r|/dev/loop|" ] }' >/etc/lvm/lvmlocal.conf
truncate -s 8M /run/image
systemctl stop systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udevd
dmsetup create hang --noudevsync --table "0 16384 delay $(losetup -f --show /run/image) 0 100000000"
dmsetup mknodes hang
for unit in lvm2-monitor blk-availability; do
  mkdir -p /run/systemd/system/$unit.service.d
  printf '[Service]\\nExecStop=\\n' >/run/systemd/system/$unit.service.d/lab.conf
done
systemctl daemon-reload
systemd-run --quiet --unit=stuck -p KillMode=none -p TimeoutStopSec=1 bash -c 'cd /root; exec -a @stuck dd if=/dev/mapper/hang of=/dev/null bs=4k count=1 iflag=direct'
until grep -q '^State:.D' /proc/$(systemctl show -p MainPID --value stuck)/status; do sleep 0.2; done`);
}

/** keyctl(2) of Linux on x86-64: KEYCTL_LINK, so that root's keys are this session's, and KEYCTL_SET_TIMEOUT for each that systemd keeps a passphrase in. */
async function expirePassphrase(machine: Machine): Promise<void> {
  await machine.run(`ids=$(sed -n 's/^\\([0-9a-f]*\\) .* user *cryptsetup: .*/\\1/p' /proc/keys)
[ -n "$ids" ]
perl -e 'syscall(250, 8, -4, -3) == 0 or die $!; for (@ARGV) { syscall(250, 15, hex, 1) == 0 or die $! }' $ids
sleep 3
grep -c ' expd .* cryptsetup' /proc/keys`);
}

/** As somebody does who keeps a copy. */
async function printKey(machine: Machine): Promise<void> {
  await machine.run(`printf %s '${PASSPHRASE}' | cryptsetup luksDump -q --dump-volume-key --volume-key-file /run/key --key-file - /dev/md1 >/dev/null
od -An -v -tx1 /run/key | tr -d ' \\n' >/run/key.hex`);
}

let cpio: Promise<Buffer> | undefined;
const dracut = async (machine: Machine): Promise<void> => {
  cpio ??= makeDracutTree((line) => process.stderr.write(`${line}\n`));
  await placeDracutTree(machine, await cpio);
};

/** What the packages ram-wipe (Kicksecure) and dracut do together, with the kernel parameter they rely on. */
const DROP_CACHES = `hooks=/run/initramfs/lib/dracut/hooks/shutdown
mkdir -p $hooks
printf '#!/bin/sh\\nsync\\necho 3 >/proc/sys/vm/drop_caches\\n' >$hooks/40-wipe-ram.sh
chmod 755 $hooks/40-wipe-ram.sh`;

export const SCENARIOS = {
  running: { prepare: nothing, goesOn: true },
  stock: { prepare: nothing },
  closed: ours('off'),
  keys: ours('keys'),
  // The keyring has let the passphrase expire after 150 s, and does not collect it before 300 more have passed (kernel: security/keys/gc.c).
  'keys, six minutes': { ...ours('keys'), later: (machine) => machine.run('sleep 360', 420) },
  // The same without the waiting.
  'keys, expired': { ...ours('keys'), later: expirePassphrase },
  // Nothing leaves a key in hex by itself: without this, a zero in that column would show nothing.
  'key printed': { hosts: ['rented-server'], prepare: printKey, goesOn: true },
  'held root': { hosts: ['rented-server'], installed: true, prepare: holdRoot },
  memory: ours('memory'),
  dracut: { hosts: ['rented-server-bookworm'], prepare: dracut },
  'dracut init_on_free': {
    hosts: ['rented-server-bookworm'],
    options: { kernelArgs: 'init_on_free=1' },
    prepare: async (machine) => {
      await dracut(machine);
      await machine.run(DROP_CACHES);
    },
  },
} as const satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof SCENARIOS;
