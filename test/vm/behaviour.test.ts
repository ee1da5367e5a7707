import { afterEach, describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { slowHelper } from './lab/slow-helper.ts';
import { bootGuest, type Guest } from './lab/uml.ts';

/** How a live run behaves towards the person in front of it. */
const LAYERS = '. /lab/hosts/layers.sh';

let guest: Guest | undefined;
afterEach(() => guest?.stop());

describe('nas', () => {
  it('gives up one subtree and leaves the rest alone, replays a capture of itself, then closes whole', async () => {
    const lab = await bootGuest({ hostname: 'nas', memory: '3G' });
    guest = lab;
    const use = '. /lab/hosts/nas.sh';
    await lab.run(`${use}\nbuild`, 300);
    const all = (await lab.run('lsblk -nro NAME,MOUNTPOINTS | sort')).split('\n');

    const live = await lab.run('teardown --dry-run --json');
    await lab.run('uninitramfs capture /run/capture; cd /; tar -cf /lab/capture.tar -C /run/capture .');
    expect(JSON.parse(await lab.run('teardown --dry-run --json --sysroot /run/capture'))).toEqual(JSON.parse(live));
    expect((await lab.try("grep -rlF 'correct horse' /run/capture")).out).toBe('');

    const part = await lab.try('teardown /target/srv/main_backup');
    expect(part.code).toBe(0);
    const left = (await lab.run('lsblk -nro NAME,MOUNTPOINTS | sort')).split('\n');
    expect(left).toEqual(all.filter((line) => !line.startsWith('bak')));

    const whole = await lab.try('teardown --yes --json');
    expect(whole.code).toBe(0);
    const report = JSON.parse(whole.out) as Report;
    expect(report.left).toEqual([]);
    expect(report.results?.every((result) => result.outcome === 'done')).toBe(true);
    expect(await lab.run(`${use}\nclosed`)).toContain('all closed');
    await lab.run(`${use}\nreopen`, 120);
  });
});

describe('a busy mount', () => {
  it('is named with its process, exits 1, and nothing above it is half closed', async () => {
    guest = await bootGuest();
    await guest.run(`${LAYERS}\nground\nloops`, 120);
    await guest.run('cd /target/srv/outer && setsid sleep 1000 >/dev/null 2>&1 </dev/null & sleep 0.5');
    const state = 'cat /proc/self/mountinfo; cut -f1 /proc/swaps; ls /dev/mapper';
    const mounts = await guest.run(state);
    const run = await guest.try('teardown /target/srv/outer');
    expect(run.code).toBe(1);
    expect(run.out).toMatch(/SKIP.*unmount \/target\/srv\/outer: \/target\/srv\/outer is in use by sleep \(pid \d+; cwd \/target\/srv\/outer\)/);
    expect(run.out).toContain('Still open');
    expect(await guest.run(state)).toBe(mounts);
    const dry = await guest.run('teardown --dry-run');
    expect(dry).toMatch(/\/target\/srv\/outer is in use by sleep/);

    const going = await guest.try('teardown --keep-going /target/srv/outer');
    expect(going.code).toBe(1);
    expect(going.out).toMatch(/FAILED.*unmount \/target\/srv\/outer: .*in use by sleep/);
    expect(await guest.run('dmsetup ls')).toContain('No devices');

    const killed = await guest.try('teardown --kill /target/srv/outer');
    expect(killed.out).toMatch(/SIGTERM to sleep \(pid \d+\)/);
    expect(killed.code).toBe(0);
  });
});

describe('a mount in another namespace', () => {
  it('is named with its process when it keeps a device busy', async () => {
    guest = await bootGuest();
    await guest.run(`${LAYERS}\nground\nluks_lvm_luks`, 120);
    // One that follows what the host does, as a service's does, is in nobody's way.
    await guest.run('mount --make-rshared /; unshare --mount --propagation slave sleep 1000 >/dev/null 2>&1 </dev/null & sleep 0.5');
    expect(await guest.run('teardown --dry-run')).not.toContain('mount namespace');
    await guest.run('unshare --mount --propagation private sleep 1000 >/dev/null 2>&1 </dev/null & sleep 0.5');
    const inTheWay = /\/dev\/mapper\/upper stays open, .*: sleep \(pid \d+; its mount namespace has \/target\/srv\/upper\)/;
    expect(await guest.run('teardown --dry-run')).toMatch(inTheWay);
    const run = await guest.try('teardown --yes');
    expect(run.code).toBe(1);
    expect(run.out).toMatch(/FAILED.*close LUKS2 upper: .*in use by sleep \(pid \d+; its mount namespace has \/target\/srv\/upper\)/);
    await guest.run('pkill sleep; sleep 0.5');
    expect((await guest.try('teardown --yes')).code).toBe(0);
    expect(await guest.run(`${LAYERS}\nclosed`)).toContain('all closed');
  });
});

describe('a call that hangs in the kernel', () => {
  it('is left behind at its bound and named, while everything else closes', async () => {
    guest = await bootGuest();
    await guest.run(
      `${LAYERS}\nground\nluks_lvm_luks\nmke2fs -q -t ext4 /dev/sdb1\necho "0 $(blockdev --getsz /dev/sdb1) linear /dev/sdb1 0" | dmsetup create stuck\nat /dev/mapper/stuck /srv/stuck\nfill "$T/srv/stuck"`,
      120,
    );
    // Whatever is written to a suspended mapping waits for ever, in D state.
    await guest.run('dmsetup suspend --nolockfs stuck');
    expect(await guest.run('teardown --dry-run')).toMatch(/!! stuck is suspended: .*\n +fix: dmsetup resume stuck/);
    const run = await guest.try('teardown --yes', 200);
    expect(run.code).toBe(1);
    expect(run.out).toMatch(/HUNG.*unmount \/target\/srv\/stuck: .* unmount .* hangs in the kernel beyond its 60 s and was left behind \(pid \d+\)/);
    expect(run.out).toMatch(/SKIP.*remove mapping stuck: not tried/);
    expect(run.out).toMatch(/Still open[\s\S]*\/dev\/mapper\/stuck/);
    expect((await guest.run('dmsetup ls --target crypt')).trim()).toBe('');
  });
});

describe('64 LUKS devices', () => {
  it('close at once', async () => {
    guest = await bootGuest({ memory: '2G' });
    await guest.run(`${LAYERS}\nmany_luks`, 300);
    expect((await guest.run('dmsetup ls | wc -l')).trim()).toBe('64');
    const run = await guest.try('teardown --yes', 200);
    expect(run.out.match(/OK.*close LUKS2/g)).toHaveLength(64);
    expect(run.code).toBe(0);
    expect(await guest.run(`${LAYERS}\nclosed`)).toContain('all closed');
  });
});

describe('the command line', () => {
  it('asks on a terminal, refuses where it must, and finishes what runs when interrupted', async () => {
    guest = await bootGuest();
    await guest.run(`${LAYERS}\nground\nluks_lvm_luks`, 120);
    const noYes = await guest.try('teardown');
    expect([noYes.code, noYes.err]).toEqual([2, expect.stringContaining('say --yes where there is no terminal')]);
    const asked = await guest.try("echo n | script -qec 'teardown' /dev/null");
    expect(asked.out).toMatch(/Do these 4 live steps now\? \[y\/N\]/);
    expect(asked.out).toContain('nothing was touched');

    await guest.run('mke2fs -q -t ext4 /dev/sdb1; mkdir -p /srv/late');
    const late = await guest.try("(sleep 5; mount /dev/sdb1 /srv/late; echo y; sleep 3) | script -qec 'teardown' /dev/null; umount /srv/late");
    expect(late.out).toContain('the host changed while the plan was on the screen, and nothing was touched');

    const user = await guest.try("setpriv --reuid 1000 --clear-groups sh -c 'teardown --yes'");
    expect([user.code, user.err]).toEqual([2, expect.stringContaining('takes root')]);
    const seen = await guest.try("setpriv --reuid 1000 --clear-groups sh -c 'teardown --dry-run'");
    expect(seen.code).toBe(0);
    expect(seen.out).toMatch(/not visible to this user: .*processes of other users/);

    const root = await guest.try('teardown /');
    expect([root.code, root.err]).toEqual([2, expect.stringContaining('backs the running system')]);
    const container = await guest.try('mkdir -p /run/systemd; echo docker >/run/systemd/container; teardown --yes; echo "exit $?"; rm /run/systemd/container');
    expect(container.err).toContain('this is a docker container');
    expect(container.out).toContain('exit 2');

    const locked = await guest.try(
      'mkdir -p /run/uninitramfs; bash -c \'exec -a teardown sleep 1000\' & echo $! >/run/uninitramfs/teardown.pid; sleep 0.2; teardown --yes; echo "exit $?"',
    );
    expect(locked.err).toMatch(/another teardown is at work \(pid \d+\): wait for it to end/);
    expect(locked.out).toContain('exit 2');
    await guest.run('pkill sleep; sleep 0.2');

    // A step that takes a while, to be interrupted in.
    await guest.run(slowHelper('sleep 3 if $words =~ /upper/'));
    const torn = await guest.try(
      'teardown --yes >/run/out 2>&1 & until grep -q OK /run/out; do sleep 0.2; done; sleep 1; kill -TERM $!; wait $!; echo "exit $?"; cat /run/out',
    );
    expect(torn.out).toMatch(/interrupted: finishing the steps that run/);
    expect(torn.out).toMatch(/OK.*close LUKS2 upper/);
    expect(torn.out).toMatch(/SKIP.*deactivate VG between \(lv\): interrupted/);
    expect(torn.out).toContain('exit 1');
    expect(await guest.run('dmsetup ls | wc -l')).toBe('2\n');
    const rest = await guest.try('teardown --yes');
    expect(rest.code).toBe(0);
    expect(await guest.run(`${LAYERS}\nclosed`)).toContain('all closed');
  });
});
