import { stripVTControlCharacters } from 'node:util';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../../src/model/report.ts';
import type { BootedHostName } from './booted-hosts.ts';
import { examine, kernelComplaints } from './examine.ts';
import { startInstalled } from './installed.ts';
import { bootMachine, type Machine, PREPARATION_MS, prepareMachine, startMachine } from './machine.ts';

/** What systemd-shutdown says when it gives up (systemd: src/shutdown/shutdown.c). */
const COMPLAINT = /(Unable to finalize remaining|Failed to finalize) .*, ignoring/;

interface Expected {
  /** Whether the stock system leaves something open. */
  readonly stockLeaves: boolean;
  /** The exitrd alone is proved on another host of the same shape. */
  readonly alone?: false;
}

/** Shuts a booted host down with the program, with its exitrd alone, and without it, and looks at each end from outside. */
export function proveShutdown(host: BootedHostName, { stockLeaves, alone }: Expected): void {
  let machine: Machine | undefined;
  beforeAll(() => prepareMachine(host), PREPARATION_MS);
  afterEach(() => machine?.stop());

  it('with the program: everything closed, clean disks, a next boot with nothing to mend', async () => {
    machine = await startInstalled(host);
    const sums = await machine.run(LEAVE_DATA);
    const before = await stackOf(machine);
    expect((await machine.end('systemctl poweroff')).reason).toBe('guest-shutdown');
    expectAllClosed(machine.console(), before);
    await machine.off();
    expect(await examine(machine.folder)).toEqual([]);
    machine = await bootMachine(host, machine.folder);
    expect(kernelComplaints(`${machine.console()}\n${await machine.run('dmesg')}`)).toEqual([]);
    expect(await machine.run(SUM_DATA)).toBe(sums);
  });

  if (alone !== false)
    it('with its exitrd alone: the same end', async () => {
      machine = await startInstalled(host, { live: false });
      await machine.run(LEAVE_DATA);
      const before = await stackOf(machine);
      expect((await machine.end('systemctl poweroff')).reason).toBe('guest-shutdown');
      expectAllClosed(machine.console(), before);
      await machine.off();
      expect(await examine(machine.folder)).toEqual([]);
    });

  it(`without it: the system ${stockLeaves ? 'says itself what it leaves open' : 'has nothing to leave open'}`, async () => {
    machine = await startMachine(host);
    expect((await machine.end('systemctl poweroff')).reason).toBe('guest-shutdown');
    expect(machine.console()).not.toContain('uninitramfs');
    expect(COMPLAINT.test(machine.console())).toBe(stockLeaves);
  });
}

/** Files on every file system of the user's; a tmpfs has none of them at the next boot. */
const FILES = `$(for folder in /root $(find /home /srv /persist -xdev -maxdepth 2 -type d 2>/dev/null); do
  [ "$(findmnt -no FSTYPE -T "$folder")" = tmpfs ] || echo "$folder/left-behind"
done)`;
const SUM_DATA = `sha256sum ${FILES} 2>/dev/null | sort`;
const LEAVE_DATA = `mkdir -p /home/x\nfor file in ${FILES}; do head -c 300000 /dev/urandom >"$file" || true; done\n${SUM_DATA}`;

interface Stack {
  /** What the exitrd is to do, in its own words. */
  readonly titles: readonly string[];
  /** What is open now: mappings and arrays, as the titles call them. */
  readonly devices: readonly string[];
}

export async function stackOf(machine: Machine): Promise<Stack> {
  const plan = await machine.run('sed -n "s/^step \'\\(.*\\)\' \\(stop\\|go-on\\) .*/\\1/p" /run/initramfs/usr/lib/uninitramfs/plan.boot');
  const { nodes } = JSON.parse(await machine.run('teardown --dry-run --json')) as Report;
  const open = nodes.filter((node) => ['crypt', 'lvm', 'md', 'dm'].includes(node.kind));
  return { titles: plan.trim().split('\n'), devices: open.map((node) => (node.kind === 'lvm' ? (node.facts.lv ?? '') : node.name)) };
}

/** Two seconds are enough for all of /run, but not always where the processor is emulated and others want it too. What that leaves, the residue tests see. */
const SLOW = /^.*\[FAILED\] overwriting \/run: (not all files below \/run were overwritten in 2 s|it hangs and was left behind after 5 s).*$/gm;

/** What a console said, without its colours, and without what only tells of a slow lab. */
export function toldOf(log: string): string {
  return stripVTControlCharacters(log).replace(SLOW, '');
}

/** The serial log names every device closed, and nothing else went wrong. */
export function expectAllClosed(log: string, { titles, devices }: Stack): void {
  const words = toldOf(log);
  for (const device of devices)
    expect(
      titles.some((title) => title.includes(device)),
      `a step for ${device}`,
    ).toBe(true);
  for (const title of titles) expect(words).toContain(`uninitramfs: [  OK  ] ${title}  `);
  expect(words).toMatch(/uninitramfs: everything is closed, in \d+\.\d\d s/);
  // Such as a program that a hook calls and the tree does not hold.
  expect(words).not.toMatch(/sh: .*not found|line \d+:/);
  expect(words).not.toMatch(/uninitramfs: .*(FAILED|HUNG|SKIP)|still open|read-only now/);
}
