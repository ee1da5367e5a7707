import { describe, expect, it } from 'vitest';
import { auditThrough, readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import { liveShare } from '../../../src/plan/live-share.ts';
import { makeExitrdPlan } from '../../../src/plan/plan.ts';
import { FakeHost } from '../support/fake-host.ts';

function hostWithRoot(): FakeHost {
  const host = new FakeHost();
  host.mount([host.disk()], '/');
  return host;
}

const plan = (host: FakeHost) => auditThrough(host.door(), []).plan.steps;
const titles = (host: FakeHost) => plan(host).map(({ title }) => title);

describe('VDO', () => {
  it('of LVM goes with its LV, by lvm2, which is waited for as long as it writes', () => {
    const host = hostWithRoot();
    const data = host.lv([host.disk()], 'vg', 'pool_vdata');
    const pool = host.lvPart([data], 'vg', 'pool', 'vpool');
    host.mount([host.lv([pool], 'vg', 'deduped')], '/srv');
    expect(titles(host)).toEqual(['unmount /srv', 'deactivate VG vg (deduped)', 'unmount /']);
    const step = plan(host)[1];
    expect([step?.bare, step?.progress]).toEqual([undefined, ['awk', '{print $1, $3, $5, $7}', `/sys/class/block/${data}/stat`]]);
  });

  it('of the old manager is removed after what stands on it', () => {
    const host = hostWithRoot();
    host.mount([host.lv([host.mapping([host.crypt(host.disk(), 'below')], 'vdo0', 'VDO-0123')], 'vg', 'a')], '/srv');
    expect(titles(host)).toEqual(['unmount /srv', 'deactivate VG vg (a)', 'stop VDO vdo0', 'close LUKS2 below', 'unmount /']);
    expect(plan(host)[2]).toMatchObject({ ops: [{ argv: ['dmsetup', 'remove', 'vdo0'] }], seconds: 120, progress: expect.arrayContaining(['awk']) });
  });
});

describe('a Stratis pool', () => {
  const POOL = '26ada54a9fc9472493469cf3d78d2b4f';

  /** With a cache, and LUKS between its own devices, as version 2 of its metadata has it. */
  function host(): FakeHost {
    const fake = hostWithRoot();
    const own = (below: readonly string[], words: string) => fake.mapping(below, `stratis-1-${words}`, `stratis-1-${words}`);
    const origin = own([fake.disk()], `private-${POOL}-physical-originsub`);
    const cache = own([origin, own([fake.disk()], `private-${POOL}-physical-cachesub`)], `private-${POOL}-physical-cache`);
    const crypt = fake.crypt(cache, `stratis-1-private-${POOL}-crypt`);
    own([crypt], `private-${POOL}-flex-mdv`);
    const flex = ['thinmeta', 'thindata'].map((role) => own([crypt], `private-${POOL}-flex-${role}`));
    const thinpool = own(flex, `private-${POOL}-thinpool-pool`);
    const fs = own([thinpool], `${POOL}-thin-fs-df6397cb106a4c419d5535e79eff0000`);
    fake.files.set(`/run/udev/data/b${fake.files.get(`/sys/block/${fs}/dev`)?.trim()}`, 'S:stratis/tank/home\n');
    fake.mount([fs], '/home');
    return fake;
  }

  it('is stopped by stratisd where that runs, and removed from the top down where not', () => {
    expect(titles(host())).toEqual(['unmount /home', 'stop Stratis pool tank', 'unmount /']);
    const [, step] = plan(host());
    expect(step?.ops[0]).toMatchObject({
      argv: ['stratis', 'pool', 'stop', '--uuid', POOL],
      unless: { of: { argv: ['systemctl', 'is-active', 'stratisd.service'] } },
    });
    const removed = step?.ops.slice(1).map((op) => op.op === 'run' && op.argv[2]?.replace(/^stratis-1-(private-)?[0-9a-f]{32}-/, ''));
    expect(removed).toEqual([
      'thin-fs-df6397cb106a4c419d5535e79eff0000',
      'flex-mdv',
      'thinpool-pool',
      'flex-thinmeta',
      'flex-thindata',
      'crypt',
      'physical-cache',
      'physical-originsub',
      'physical-cachesub',
    ]);
  });

  it('goes with its last file system, and stays while another one is mounted', () => {
    const fake = host();
    const home = () => auditThrough(fake.door(), ['/home']).plan.steps.map(({ title }) => title);
    expect(home()).toEqual(['unmount /home', 'stop Stratis pool tank']);
    const name = `stratis-1-${POOL}-thin-fs-00000000000000000000000000000000`;
    fake.mount([fake.mapping(['dm-7'], name, name)], '/srv');
    expect(home()).toEqual(['unmount /home']);
  });

  it('is left to the exitrd at a shutdown, which asks no daemon: a pool that was stopped is not started at the next boot', () => {
    const { graph, plan: all } = auditThrough(host().door(), []);
    expect(
      liveShare(
        graph,
        all.steps.filter(({ stage }) => stage === 'live'),
      ).map(({ title }) => title),
    ).toEqual([]);
    const step = makeExitrdPlan(readGraph(host().door()).graph, layers).steps.find(({ id }) => id === `stratis:${POOL}`);
    expect(new Set(step?.ops.map((op) => op.op === 'run' && op.argv[0]))).toEqual(new Set(['dmsetup']));
    expect(auditThrough(host().door(), []).report.findings.map(({ code }) => code)).toContain('stratis-stays-stopped');
  });
});
