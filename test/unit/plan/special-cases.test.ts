import { describe, expect, it } from 'vitest';
import { auditThrough } from '../../../src/app/audit.ts';
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
