import { describe, expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import { makePlan } from '../../../src/plan/plan.ts';
import { FakeHost } from '../support/fake-host.ts';

function hostWithRoot(): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  return host;
}

const titles = (host: FakeHost, ...targets: string[]) => auditThrough(host.door(), targets).plan.steps.map((step) => step.title);
const codes = (host: FakeHost) => auditThrough(host.door(), []).report.findings.map((finding) => finding.code);

describe('special cases', () => {
  it('a ring is an error that names its members', () => {
    const host = hostWithRoot();
    const a = host.plain([], 'a');
    const b = host.plain([a], 'b');
    host.links.set(`/sys/block/${a}/slaves/${b}`, `../../${b}`);
    expect(() => auditThrough(host.door(), [])).toThrow(/in a ring: \/dev\/mapper\/[ab], \/dev\/mapper\/[ab]\./);
  });

  it('a live system whose root lies on a medium mounted below it is no ring', () => {
    const host = new FakeHost();
    const medium = host.disk();
    const loop = host.loop('/run/medium/root.img', 'mount:/run/medium');
    host.mount([loop], '/', 'squashfs');
    host.mount([medium], '/run/medium');
    const { plan } = auditThrough(host.door(), []);
    expect(plan.steps.map((step) => [step.stage, step.title])).toEqual([
      ['exitrd', 'unmount /'],
      ['exitrd', 'detach loop0 from /run/medium/root.img'],
      ['exitrd', 'unmount /run/medium'],
    ]);
  });

  it('a program that udev started to look at a device is not in the way, and anybody else is', () => {
    const host = hostWithRoot();
    const array = host.md([host.disk(), host.disk()], 'raid1');
    const probe = (pid: number, parent: number, comm: string) => {
      host.files.set(`/proc/${pid}/comm`, `${comm}\n`);
      host.files.set(`/proc/${pid}/stat`, `${pid} (${comm}) S ${parent} 1 1 0\n`);
      host.links.set(`/proc/${pid}/cwd`, '/');
      host.links.set(`/proc/${pid}/fd/3`, `/dev/${array}`);
    };
    host.files.set('/proc/70/comm', '(udev-worker)\n');
    probe(71, 70, 'a) S 1 (b');
    expect(codes(host)).not.toContain('busy-device');
    probe(72, 71, 'dd');
    expect(codes(host)).toContain('busy-device');
  });

  it('a volume that stays open does not keep the others of its group open', () => {
    const host = hostWithRoot();
    const pv = host.disk();
    host.mount([host.lv([pv], 'vg', 'busy')], '/srv');
    host.lv([pv], 'vg', 'free');
    const { graph, plan } = auditThrough(host.door(), []);
    expect(plan.steps.filter((step) => step.stage === 'live').map((step) => step.title)).toEqual(['unmount /srv', 'deactivate VG vg (busy, free)']);
    const around = makePlan(graph, layers, plan.selection, new Set(['mount:/srv', ...graph.below('mount:/srv')]));
    const steps = around.steps.filter((step) => step.stage === 'live');
    expect(steps.map((step) => step.title).sort()).toEqual(['deactivate LV vg/busy', 'deactivate LV vg/free', 'unmount /srv']);
    expect(steps.find((step) => step.title === 'deactivate LV vg/free')?.needs).toEqual([]);
    expect(around.steps.filter((step) => step.stage === 'exitrd')).toEqual(plan.steps.filter((step) => step.stage === 'exitrd'));
  });

  it('a device nobody understands keeps what it lies on open, and is named', () => {
    const host = hostWithRoot();
    const crypt = host.crypt(host.disk(), 'lower');
    host.files.set('/sys/block/drbd0/size', '1\n');
    host.links.set(`/sys/block/drbd0/slaves/${crypt}`, `../../${crypt}`);
    expect(titles(host)).toEqual(['unmount /']);
    expect(codes(host)).toEqual(expect.arrayContaining(['unknown-layer', 'kept-open']));
  });

  it('a mount point that is not valid UTF-8 is left alone, with what carries it', () => {
    const host = hostWithRoot();
    host.mount([host.crypt(host.disk(), 'x')], '/srv/\uFFFD');
    expect(titles(host)).toEqual(['unmount /']);
    expect(codes(host)).toContain('unnameable-mount');
  });

  it('zram swap is left alone, a deleted swap file is named', () => {
    const host = hostWithRoot();
    host.files.set('/sys/block/zram0/disksize', '1\n');
    host.swap('zram0');
    expect(titles(host)).toEqual(['unmount /']);
  });

  it('turns swap off before its device closes, and says when it will not fit', () => {
    const host = hostWithRoot();
    host.swap(host.crypt(host.disk(), 'cryptswap'));
    host.files.set('/proc/meminfo', 'MemAvailable: 1 kB\n');
    expect(titles(host)).toEqual(['turn off swap /dev/mapper/cryptswap', 'close LUKS2 cryptswap', 'unmount /']);
    expect(codes(host)).not.toContain('swap-will-not-fit');
  });

  it('a VG that goes whole is one vgchange; one of its LVs is one lvchange', () => {
    const host = hostWithRoot();
    const disk = host.disk();
    host.lv([disk], 'vg', 'a');
    host.mount([host.lv([disk], 'vg', 'b')], '/srv/b');
    expect(titles(host)).toContain('deactivate VG vg (a, b)');
    expect(titles(host, 'vg/b')).toEqual(['unmount /srv/b', 'deactivate LV vg/b']);
    expect(titles(host, 'vg')).toEqual(['unmount /srv/b', 'deactivate VG vg (a, b)']);
  });

  it('a VG that carries itself is taken down LV by LV', () => {
    const host = hostWithRoot();
    const lower = host.lv([host.disk()], 'vg', 'lower');
    host.lv([host.crypt(lower, 'pv')], 'vg', 'upper');
    expect(titles(host)).toEqual(['deactivate LV vg/upper', 'close LUKS2 pv', 'deactivate LV vg/lower', 'unmount /']);
  });

  it('network and fuse mounts go, with what is mounted inside them', () => {
    const host = hostWithRoot();
    host.mount([], '/srv/nfs', 'nfs4');
    host.mount([host.loop('/srv/nfs/disk.img', 'mount:/srv/nfs')], '/srv/disk');
    host.mount([], '/srv/ssh', 'fuse.sshfs');
    expect(titles(host)).toEqual(['unmount /srv/disk', 'detach loop0 from /srv/nfs/disk.img', 'unmount /srv/nfs', 'unmount /srv/ssh', 'unmount /']);
  });

  it('a rebuild and a missing member are named, a suspended mapping too', () => {
    const host = hostWithRoot();
    const array = host.md([host.disk()], 'raid1');
    host.files.set(`/sys/block/${array}/md/sync_action`, 'resync\n');
    host.files.set(`/sys/block/${array}/md/degraded`, '1\n');
    const mapping = host.plain([host.disk()], 'stuck');
    host.files.set(`/sys/block/${mapping}/dm/suspended`, '1\n');
    expect(codes(host)).toEqual(expect.arrayContaining(['md-sync-running', 'md-degraded', 'dm-suspended']));
  });

  it('a target that cannot be closed keeps what lies below it, and counts as left', () => {
    const host = hostWithRoot();
    const disk = host.disk();
    host.mount([host.crypt(disk, 'lower')], '/srv');
    host.links.set('/sys/block/drbd0/slaves/dm-0', '../../dm-0');
    host.files.set('/sys/block/drbd0/size', '1\n');
    const { plan } = auditThrough(host.door(), ['lower']);
    expect(plan.steps).toEqual([]);
    expect([...plan.selection.kept]).toContain('dev:dm-0');
    expect([...plan.selection.blocked]).toEqual(['dev:drbd0']);
  });

  it('a partitioned loop goes with the mount of its only used partition', () => {
    const host = hostWithRoot();
    const loop = host.loop('/images/x.img', 'mount:/');
    host.partition(loop, 2);
    host.mount([host.partition(loop, 1)], '/mnt');
    expect(titles(host, '/mnt')).toEqual(['unmount /mnt', 'detach loop0 from /images/x.img']);
    host.mount(['loop0p2'], '/other');
    expect(titles(host, '/mnt')).toEqual(['unmount /mnt']);
    expect(auditThrough(host.door(), ['/mnt']).report.findings.map((finding) => finding.text)).toEqual(['loop0 stays open: /dev/loop0p2 uses it too']);
  });

  it('a loop over a deleted file is left attached, and what it lies on with it', () => {
    const host = hostWithRoot();
    host.mount([host.disk()], '/srv');
    const loop = host.loop('/srv/x.img (deleted)', 'mount:/srv');
    host.mount([loop], '/mnt');
    expect(titles(host)).toEqual(['unmount /mnt', 'unmount /']);
    expect(codes(host)).toEqual(expect.arrayContaining(['loop-file-deleted', 'kept-open']));
  });

  it('a process in a mount namespace of its own counts only for the file system it really is on', () => {
    const host = hostWithRoot();
    host.mount([host.disk()], '/home');
    host.links.set('/proc/self/ns/mnt', 'mnt:[1]');
    for (const [pid, table] of [
      [42, '1 0 0:99 / / rw - overlay overlay rw\n2 1 0:98 / /home rw - tmpfs tmpfs rw\n'],
      [43, '1 0 0:99 / / rw - overlay overlay rw\n2 1 259:1 / /data rw - ext4 /dev/sdb rw\n'],
    ] as const) {
      host.files.set(`/proc/${pid}/comm`, `p${pid}\n`);
      host.files.set(`/proc/${pid}/mountinfo`, table);
      host.links.set(`/proc/${pid}/ns/mnt`, `mnt:[${pid}]`);
      host.links.set(`/proc/${pid}/cwd`, pid === 42 ? '/home/node' : '/data/x');
    }
    host.files.set('/proc/43/cgroup', '0::/machine.slice/box.service/payload/system.slice/nginx.service\n');
    const { holders } = auditThrough(host.door(), []);
    expect(holders.map((holder) => [holder.pid, holder.unit])).toEqual([[43, 'box.service']]);
  });

  it('LVM is kept away from a suspended mapping, which would hang it', () => {
    const host = hostWithRoot();
    const stuck = host.plain([host.disk()], 'stuck');
    host.files.set(`/sys/block/${stuck}/dm/suspended`, '1\n');
    host.lv([host.disk()], 'vg', 'a');
    const step = auditThrough(host.door(), []).report.steps.find((each) => each.id === 'vgchange:vg');
    expect(step?.commands).toEqual([['vgchange', '--config', 'devices{global_filter=["r|^/dev/dm-0$|"]}', '-an', 'vg']]);
  });

  it('an idle automount of fstab is stopped before the device it would mount closes', () => {
    const host = hostWithRoot();
    host.crypt(host.disk(), 'lazy');
    host.mount([], '/srv/lazy', 'autofs');
    host.files.set('/etc/fstab', '/dev/mapper/lazy /srv/lazy ext4 noauto,x-systemd.automount 0 0\n');
    expect(titles(host).slice(0, 2)).toEqual(['stop automount(8)', 'close LUKS2 lazy']);
  });

  it('a process in the way is named with its unit', () => {
    const host = hostWithRoot();
    host.mount([host.disk()], '/srv/a');
    host.files.set('/proc/42/comm', 'vim\n');
    host.files.set('/proc/42/cgroup', '0::/user.slice/user-0.slice/session-3.scope\n');
    host.links.set('/proc/42/cwd', '/srv/a/deep');
    const { findings } = auditThrough(host.door(), []).report;
    expect(findings.find((finding) => finding.code === 'busy-mount')?.text).toBe('/srv/a is in use by vim (pid 42, session-3.scope; cwd /srv/a/deep)');
  });

  it('a fuse server is no one in the way: its mount goes before what it lives on', () => {
    const host = hostWithRoot();
    host.mount([host.disk()], '/srv/a');
    host.mount([], '/srv/view', 'fuse.archive');
    host.files.set('/proc/42/comm', 'archive\n');
    host.files.set('/proc/42/cmdline', 'archive\0/srv/a/x.zip\0/srv/view\0');
    host.links.set('/proc/42/cwd', '/');
    host.links.set('/proc/42/fd/3', '/dev/fuse');
    host.links.set('/proc/42/fd/4', '/srv/a/x.zip');
    expect(titles(host)).toEqual(['unmount /srv/view', 'unmount /srv/a', 'unmount /']);
    expect(codes(host)).toEqual([]);
  });

  it('a covered mount waits for what covers it', () => {
    const host = hostWithRoot();
    host.mount([host.disk()], '/srv/a');
    host.mount([host.disk()], '/srv/a/b');
    host.mount([host.disk()], '/srv/a');
    expect(titles(host).slice(0, 3)).toEqual(['unmount /srv/a (/dev/sdd)', 'unmount /srv/a/b', 'unmount /srv/a (/dev/sdb)']);
  });

  it('a name that two things share must be told apart', () => {
    const host = hostWithRoot();
    host.crypt(host.disk(), 'data');
    host.lv([host.disk()], 'data', 'x');
    expect(() => auditThrough(host.door(), ['data'])).toThrow(/volume group and also/);
  });

  it("the kernel's own mounts go only when they are in the way", () => {
    const host = hostWithRoot();
    host.mount([], '/run', 'tmpfs');
    host.mount([host.disk()], '/srv/a');
    host.mount([], '/srv/a/tmp', 'tmpfs');
    expect(titles(host)).toEqual(['unmount /srv/a/tmp', 'unmount /srv/a', 'unmount /']);
  });
});
