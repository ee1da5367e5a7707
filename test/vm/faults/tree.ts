import { setTimeout as sleep } from 'node:timers/promises';
import type { Machine } from '../lab/machine.ts';
import type { Fault } from './fault.ts';

const IN_TREE = 'tree=/run/initramfs; mount -o remount,rw $tree';
/** A program of the administrator's in the exitrd that does this. */
const early = (script: string) => `config 'exitrd_before = ["/usr/local/sbin/early"]'
printf '%s\\n' '#!/bin/sh' ${script
  .split('\n')
  .map((line) => `'${line}'`)
  .join(' ')} >/usr/local/sbin/early
chmod 755 /usr/local/sbin/early
uninitramfs exitrd install`;

/** Stops reading the console as soon as it says something. */
async function deafIn(machine: Machine, word: string): Promise<void> {
  for (let tries = 0; tries < 2000 && !machine.console().includes(word); tries++) await sleep(50);
  machine.deaf(true);
}

/** What the exitrd is made of, and where it runs. */
export const TREE: readonly Fault[] = [
  {
    what: 'the rewrite of the plan was killed again and again, the program is gone since, /run is full, a device is new, and the clock jumps by ten years',
    outcome: 'the plan that is there is whole; what it does not know is closed leaf first',
    always: true,
    host: 'rented-server',
    disks: [64],
    inject: `${early('date -s 2036-01-01\nread -r up _ </proc/uptime')}
luks "$disk0" data
ext4 /dev/mapper/data /srv/data
save /srv/data
for moment in 1 2 3 4 5; do
  uninitramfs exitrd refresh >/dev/null 2>&1 &
  sleep $moment
  kill -9 $! 2>/dev/null || true
  for plan in /run/initramfs/usr/lib/uninitramfs/plan /run/initramfs/usr/lib/uninitramfs/plan.boot; do
    [ ! -e $plan ] || [ "# $(tail -n +2 $plan | sha256sum)" = "$(head -n 1 $plan)  -" ]
  done
done
mv /usr/lib/uninitramfs/dist/uninitramfs.cjs /usr/lib/uninitramfs/dist/gone
dmsetup create late --table "0 2048 linear /dev/mapper/data 0" || dmsetup create late --table "0 2048 zero"
head -c 2G /dev/zero >/run/full 2>/dev/null || true`,
    bound: 150,
    says: [/uninitramfs: everything is closed/],
    saved: 2,
    keys: true,
  },
  {
    what: 'Ctrl-Alt-Del is hit seven times: systemd stops nothing and goes to the end at once',
    outcome: 'the exitrd alone closes everything, and the machine is reset',
    host: 'rented-server',
    disks: [64],
    inject: `luks "$disk0" data
ext4 /dev/mapper/data /srv/data
save /srv/data`,
    ask: 'for n in 1 2 3 4 5 6 7; do kill -INT 1; sleep 0.1; done',
    reason: 'guest-reset',
    bound: 120,
    says: [/uninitramfs: everything is closed/],
    saved: 2,
    keys: true,
  },
  {
    what: 'a library is missing in the exitrd: dmsetup does not start',
    outcome: 'the helper needs none; everything is closed',
    host: 'rented-server',
    inject: `${IN_TREE}
find $tree -name 'libdevmapper*' -delete`,
    bound: 120,
    says: [/uninitramfs: everything is closed/],
    keys: true,
  },
  {
    what: 'a program is missing in the exitrd: the helper',
    outcome: 'dmsetup and umount do its work; the console says what is not wiped',
    host: 'rented-server',
    inject: `${IN_TREE}
find $tree -name 'uninitramfs-helper' -delete`,
    bound: 120,
    says: [/uninitramfs: everything is closed/, /there is no helper to wipe with/],
    keys: true,
  },
  {
    what: 'the console takes nothing any more from the moment the exitrd is entered',
    outcome: 'the shutdown goes on without it',
    host: 'rented-server',
    inject: early('while :; do echo nobody reads this; done >/dev/ttyS0 2>&1 &'),
    outside: async (machine) => void deafIn(machine, 'Entering exitrd'),
    bound: 120,
    says: [],
    keys: true,
  },
  {
    what: '256 MiB of memory',
    outcome: 'everything is closed',
    host: 'rented-server',
    options: { memory: 256 },
    inject: 'true',
    bound: 150,
    says: [/uninitramfs: everything is closed/],
    keys: true,
  },
  {
    what: 'there is no console: no serial line and no screen',
    outcome: 'everything is closed',
    host: 'plain',
    options: { kernelArgs: '8250.nr_uarts=0 console=tty0' },
    disks: [64],
    inject: `luks "$disk0" data
ext4 /dev/mapper/data /srv/data
save /srv/data`,
    bound: 120,
    says: [],
    saved: 2,
  },
  {
    what: 'the work of the exitrd is killed',
    outcome: 'PID 1 sees it at once, has the kernel write out and make read-only what is mounted, takes the keys out of memory, and ends the machine',
    host: 'rented-server',
    inject: `${early(`for each in /proc/[0-9]*; do grep -q work.sh $each/cmdline && kill -9 \${each#/proc/}; done`)}
true`,
    bound: 120,
    says: [/the work of the exitrd did not come to its end/],
    keys: true,
  },
  {
    what: 'the work of the exitrd stands still, and a hardware watchdog (i6300esb) of ten seconds is armed',
    outcome: 'the same after two minutes; the watchdog does not fire',
    host: 'rented-server',
    options: { devices: ['-device', 'i6300esb', '-action', 'watchdog=reset'] },
    inject: `watchdog
${early(`for each in /proc/[0-9]*; do grep -q work.sh $each/cmdline && kill -STOP \${each#/proc/}; done`)}
true`,
    bound: 240,
    says: [/the work of the exitrd did not come to its end/],
    keys: true,
  },
  {
    what: "a program of the administrator's in the exitrd prints without end, and both plans are damaged",
    outcome: 'it is ended after 15 seconds with what it printed in a place of its own; everything is closed leaf first',
    host: 'rented-server',
    inject: `${early('cat /dev/zero')}
${IN_TREE}
for plan in $tree/usr/lib/uninitramfs/plan $tree/usr/lib/uninitramfs/plan.boot; do [ ! -e $plan ] || truncate -s 300 $plan; done
mv /usr/lib/uninitramfs/dist/uninitramfs.cjs /usr/lib/uninitramfs/dist/gone`,
    bound: 150,
    says: [/\[FAILED\] run \/usr\/local\/sbin\/early: (it hangs and was left behind after 15 s|.*)/, /there is no plan/, /uninitramfs: everything is closed/],
    keys: true,
  },
];
