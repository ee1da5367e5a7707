import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { kernelComplaints } from './lab/examine.ts';
import { installProgram, startInstalled } from './lab/installed.ts';
import { type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';
import { expectAllClosed, stackOf } from './lab/shutdown-proof.ts';

/** Every way a machine ends, on one host; systemctl poweroff is every other test's. */
let machine: Machine | undefined;
beforeAll(() => prepareMachine('rented-server'), PREPARATION_MS);
afterEach(() => machine?.stop());

async function installed(): Promise<{ machine: Machine; before: Awaited<ReturnType<typeof stackOf>> }> {
  const started = await startInstalled('rented-server');
  machine = started;
  return { machine: started, before: await stackOf(started) };
}

async function hears(word: string, seconds: number): Promise<void> {
  for (let waited = 0; waited < seconds && !machine?.console().includes(word); waited += 0.2) await sleep(200);
  expect(machine?.console()).toContain(word);
}

/** The level "keys" is the default. */
const WIPED = /uninitramfs: \[ {2}OK {2}\] overwrite keyrings, terminals, temporary files {2}\d/;

it('reboot: all closed, and a clean next boot with an exitrd of its own', async () => {
  const { machine: host, before } = await installed();
  expect((await host.end('systemctl reboot')).reason).toBe('guest-reset');
  expectAllClosed(host.console(), before);
  expect(host.console()).toMatch(WIPED);
  await host.again();
  expect(kernelComplaints(await host.run('dmesg'))).toEqual([]);
  await host.run('systemctl is-active --wait uninitramfs-exitrd || systemctl start uninitramfs-exitrd', 120);
  expect(await host.run('uninitramfs exitrd verify', 60)).toContain('work in it');
});

it("the administrator's own programs run at both ends, one that hangs or fails stops nothing, and failures alone are told where that is wanted", async () => {
  const host = await startMachine('rented-server');
  machine = host;
  await host.run(`mkdir -p /etc/uninitramfs
cat >/etc/uninitramfs/uninitramfs.toml <<'END'
console = "failures"
exitrd_files = ["/usr/local/share/word"]
exitrd_before = ["/usr/local/sbin/before"]
exitrd_after = ["/usr/local/sbin/hangs", "/usr/local/sbin/fails"]
END
echo 'a word' >/usr/local/share/word
printf '#!/bin/sh\\nread -r word </usr/local/share/word\\necho "<2>$word before $1: $(ls /oldroot/usr/local/sbin)" >/dev/kmsg\\n' >/usr/local/sbin/before
printf '#!/bin/sh\\necho "<2>after: $(dmsetup ls)" >/dev/kmsg\\nsleep 1000\\n' >/usr/local/sbin/hangs
printf '#!/bin/sh\\necho no such light\\nexit 3\\n' >/usr/local/sbin/fails
chmod 755 /usr/local/sbin/*`);
  await installProgram(host, { live: true });
  expect((await host.end('systemctl poweroff')).reason).toBe('guest-shutdown');
  const said = host.console();
  expect(said).toMatch(/a word before poweroff: .*before.*fails.*hangs/s);
  expect(said).toMatch(/after: No devices found/);
  expect(said).toMatch(/\[FAILED\] run \/usr\/local\/sbin\/hangs: it hangs and was left behind after 15 s/);
  expect(said).toMatch(/\[FAILED\] run \/usr\/local\/sbin\/fails: no such light/);
  expect(said).not.toMatch(/uninitramfs: \[ {2}OK/);
});

it('a soft reboot is left alone, and has its exitrd again afterwards', async () => {
  const { machine: host } = await installed();
  // lvm2's own unit would stop the array of /boot, which nothing puts together again (blkdeactivate(8)).
  await host.run(
    'mkdir -p /run/systemd/system/blk-availability.service.d\nprintf "[Service]\\nExecStop=\\n" >/run/systemd/system/blk-availability.service.d/lab.conf\nsystemctl daemon-reload',
  );
  const length = host.console().length;
  host.begin('systemctl soft-reboot');
  await host.again();
  expect(host.console().slice(length)).not.toMatch(/Close what lies outside the root|Entering exitrd/);
  expect(await host.run('dmsetup ls')).toMatch(/cryptroot[\s\S]*vg0-swap/);
  await host.run('systemctl start uninitramfs-exitrd && uninitramfs exitrd verify', 120);
});

it('kexec: all closed, and the second kernel really runs', async () => {
  const { machine: host, before } = await installed();
  await host.run('kexec --load /boot/vmlinuz-* --initrd="$(echo /boot/initrd.img-*)" --append="$(cat /proc/cmdline) second"', 120);
  host.begin('systemctl kexec');
  await host.again();
  expectAllClosed(host.console(), before);
  expect(host.console()).toMatch(WIPED);
  expect(await host.run('cat /proc/cmdline')).toContain(' second');
  expect(kernelComplaints(await host.run('dmesg'))).toEqual([]);
});

it('halt: all closed, and the machine stands still; nothing is wiped when the kernel was told so', async () => {
  const { machine: host, before } = await installed();
  await host.run('echo "$(cat /proc/cmdline) uninitramfs.wipe=off" >/run/cmdline\nmount --bind /run/cmdline /proc/cmdline');
  host.begin('systemctl halt');
  await hears('reboot: System halted', 120);
  expectAllClosed(host.console(), before);
  expect(host.console()).not.toMatch(WIPED);
});

it('who survives the kill is ended, and no other program can mix its files into the tree', async () => {
  const { machine: host } = await installed();
  expect((await host.try('cp /bin/true /run/initramfs/usr/bin/intruder')).err).toContain('Read-only file system');
  expect(await host.run('findmnt -no OPTIONS,FSTYPE /run/initramfs')).not.toMatch(/noexec|\brw\b/);
  // The plan of the boot holds as long as nothing is new.
  const stopped = () => host.run('systemctl restart uninitramfs-exitrd; journalctl -q -u uninitramfs-exitrd -o cat');
  expect(await stopped()).toMatch(/nothing is new since the plan was made/);
  await host.run('mkdir /run/second && mount /dev/md0 /run/second');
  expect(await stopped()).toMatch(/new since the plan was made: mount .* \/run\/second ext3[\s\S]*as it is now/);
  // systemd spares it for its name (systemd: docs/ROOT_STORAGE_DAEMONS.md).
  await host.run(`systemd-run --quiet --unit=survivor -p KillMode=none -p TimeoutStopSec=1 bash -c 'cd /root; exec -a @survivor sleep 1000'`);
  expect((await host.end('systemctl poweroff')).reason).toBe('guest-shutdown');
  // It may serve the very storage that is to be closed, so it is ended only when something stays open because of it.
  const log = host.console();
  expect(log).toMatch(/\[FAILED\] unmount \/: [\s\S]*oldroot is in use by sleep \(pid \d+\)/);
  expect(log).toMatch(/ending sleep \(pid \d+\), which survived the kill[\s\S]*trying again what failed[\s\S]*\[ {2}OK {2}\] unmount \/ /);
  expect(log).toContain('uninitramfs: everything is closed');
});

it('with its plans damaged it takes everything apart leaf first', async () => {
  const { machine: host } = await installed();
  await host.run(`mount -o remount,rw /run/initramfs
for plan in /run/initramfs/usr/lib/uninitramfs/plan*; do case $plan in *.sh) ;; *) truncate -s 300 "$plan" ;; esac; done
mv /usr/lib/uninitramfs/dist/uninitramfs.cjs /usr/lib/uninitramfs/dist/gone`);
  expect((await host.end('systemctl poweroff')).reason).toBe('guest-shutdown');
  const log = host.console();
  expect(log).toContain('uninitramfs: [FAILED] plan.boot is damaged and is not used');
  expect(log).toContain('uninitramfs: there is no plan: everything is taken apart leaf first');
  expect(log).toMatch(/uninitramfs: \[ {2}OK {2}\] stop array md1, which no plan knew/);
  expect(log).toMatch(/uninitramfs: everything is closed/);
});
