import type { BootedHostName } from '../lab/booted-hosts.ts';
import { makeDracutTree, placeDracutTree } from '../lab/dracut.ts';
import type { Machine, MachineOptions } from '../lab/machine.ts';
import { installProgram } from '../lab/shutdown-proof.ts';

export interface Scenario {
  /** Where it can be measured; everywhere, if it does not say. */
  readonly hosts?: readonly BootedHostName[];
  readonly options?: MachineOptions;
  readonly prepare: (machine: Machine) => Promise<void>;
  /** Nothing is shut down: what a host holds while it runs. */
  readonly goesOn?: boolean;
}

const nothing = async (): Promise<void> => undefined;

/** The program as an administrator sets it up, with this much wiped. */
const ours = (wipe: string): Scenario => ({
  prepare: async (machine) => {
    await machine.run(`mkdir -p /etc/uninitramfs\necho 'wipe = "${wipe}"' >/etc/uninitramfs/uninitramfs.toml`);
    await installProgram(machine, { live: true });
  },
});

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
