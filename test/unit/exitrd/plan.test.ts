import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readGraph } from '../../../src/app/audit.ts';
import { compileSteps } from '../../../src/exitrd/compile.ts';
import { toolsOf } from '../../../src/exitrd/tools.ts';
import { layers } from '../../../src/layers/index.ts';
import type { Door } from '../../../src/model/sources.ts';
import { liveShare } from '../../../src/plan/live-share.ts';
import { makeExitrdPlan, makePlan } from '../../../src/plan/plan.ts';
import { selectAll } from '../../../src/plan/select.ts';
import { openDoor } from '../../../src/sources/door.ts';
import { FakeHost } from '../support/fake-host.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;

const planFor = (door: Door) => makeExitrdPlan(readGraph(door).graph, layers).steps;
const titles = (host: FakeHost) => planFor(host.door()).map((step) => step.title);

function hostWithRoot(): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  return host;
}

describe.each(readdirSync(FIXTURES))('%s', (host) => {
  it('has the golden exitrd: all of it, with nothing closed live', async () => {
    await expect(compileSteps(planFor(openDoor(`${FIXTURES}${host}/sysroot`)))).toMatchFileSnapshot(`${FIXTURES}${host}/exitrd.txt`);
  });

  it('needs nothing but busybox and dmsetup for plain LUKS, LVs and arrays', () => {
    const tools = [...toolsOf(planFor(openDoor(`${FIXTURES}${host}/sysroot`))).keys()].sort();
    expect(tools.filter((tool) => !['awk', 'cat', 'dmsetup', 'swapoff', 'umount'].includes(tool))).toEqual([]);
  });
});

describe('the plan of an exitrd', () => {
  it('finds every mount and swap file below /oldroot, and devices where they are', () => {
    const host = hostWithRoot();
    host.swap(host.crypt(host.disk(), 'cryptswap'));
    host.mount([host.disk()], '/srv/my disk');
    host.loop('/srv/my disk/image', 'mount:/srv/my disk');
    const text = compileSteps(planFor(host.door()));
    expect(text).toContain("run 3 '0' 'umount' '/oldroot/srv/my disk'");
    expect(text).toContain("mounted '/oldroot/srv/my disk' '' ''");
    expect(text).toContain("'swapoff' '/dev/mapper/cryptswap'");
    // The kernel would tell the file's path as it looks from the new root.
    expect(text).toMatch(/unless_\d\(\) \{ ! \{ exists '\/sys\/block\/loop0\/loop\/backing_file'; \}; \}/);
  });

  it('leaves lvm2 to what only lvm2 should close', () => {
    const host = hostWithRoot();
    const pv = host.disk();
    const tdata = host.lv([pv], 'thin', 'pool_tdata');
    host.lv([tdata], 'thin', 'data');
    host.lv([pv], 'plain', 'data');
    const text = compileSteps(planFor(host.door()));
    expect(text).toContain("'vgchange' '-an' 'thin'");
    expect(text).toContain("'dmsetup' 'remove' 'plain-data'");
  });

  it('tries what a live run would have to leave: there is no later', () => {
    const host = hostWithRoot();
    const crypt = host.crypt(host.disk(), 'held');
    host.plain([crypt], 'unknown');
    host.links.set('/sys/block/weird0/slaves/dm-0', '../../dm-0');
    host.files.set('/sys/block/weird0/dev', '250:0\n');
    expect(titles(host)).toContain('close LUKS2 held');
  });

  it('unmounts an overlay before what carries it', () => {
    const host = hostWithRoot();
    host.mount([host.disk()], '/srv');
    host.mount([], '/srv/merged', 'overlay');
    expect(titles(host)).toEqual(['unmount /srv/merged', 'unmount /srv', 'unmount /']);
  });

  it('unmounts the root without waiting for what lies in /run, which it moves aside', () => {
    const host = hostWithRoot();
    host.mount([], '/run', 'tmpfs');
    host.loop('/run/image', 'mount:/run');
    const steps = planFor(host.door());
    const detach = steps.find(({ title }) => title.startsWith('detach'));
    expect(detach).toBeDefined();
    expect(steps.find(({ title }) => title === 'unmount /')?.needs).toEqual([]);
  });

  it('names with quotes, newlines and dollars stay words', () => {
    const host = hostWithRoot();
    host.mount([host.disk()], "/srv/it's\n$(reboot)`x`");
    expect(compileSteps(planFor(host.door()))).toContain("'umount' '/oldroot/srv/it'\\''s\n$(reboot)`x`'");
  });
});

describe('the live phase of a shutdown', () => {
  const share = (host: FakeHost) => {
    const { graph } = readGraph(host.door());
    return liveShare(
      graph,
      makePlan(graph, layers, selectAll(graph)).steps.filter((step) => step.stage === 'live'),
    ).map((step) => step.title);
  };

  it('leaves plain volumes and swap beside the root to the exitrd, and what has a key of its own not', () => {
    const host = new FakeHost();
    const pv = host.crypt(host.disk(), 'cryptroot');
    host.mount([host.lv([pv], 'vg', 'root')], '/');
    host.swap(host.lv([pv], 'vg', 'swap'));
    expect(share(host)).toEqual([]);
    host.crypt(host.lv([pv], 'vg', 'data'), 'opened by hand');
    expect(share(host)).toEqual(['close LUKS2 opened by hand']);
  });

  it('leaves arrays and mounts on bare disks to the exitrd, but not what lies on another key, nor a network', () => {
    const host = hostWithRoot();
    const boot = host.md([host.partition(host.disk(), 1), host.partition(host.disk(), 1)], 'raid1');
    host.mount([boot], '/boot');
    host.mount([host.partition(host.disk(), 1)], '/srv/plain');
    expect(share(host)).toEqual([]);
    host.mount([], '/srv/net', 'nfs4');
    const data = host.md([host.crypt(host.disk(), 'one'), host.crypt(host.disk(), 'two')], 'raid1');
    host.mount([data], '/srv/plain/data');
    expect(share(host).sort()).toEqual(['close LUKS2 one', 'close LUKS2 two', 'stop array md1', 'unmount /srv/net', 'unmount /srv/plain/data']);
  });

  it('closes what lies on other devices than the root', () => {
    const host = hostWithRoot();
    host.swap(host.lv([host.crypt(host.disk(), 'other')], 'vg', 'swap'));
    expect(share(host)).toEqual(['turn off swap /dev/vg/swap', 'deactivate VG vg (swap)', 'close LUKS2 other']);
  });
});
