import { describe, expect, it } from 'vitest';
import { auditThrough, readGraph } from '../../../src/app/audit.ts';
import { layers } from '../../../src/layers/index.ts';
import { makeExitrdPlan } from '../../../src/plan/plan.ts';
import { shutdownShares } from '../../../src/plan/shutdown-shares.ts';
import { parseDrbd } from '../../../src/sources/drbd.ts';
import { FakeHost } from '../support/fake-host.ts';

/** A host whose root lies on a disk of its own. */
function host(): FakeHost {
  const made = new FakeHost();
  made.mount([made.disk()], '/');
  return made;
}

function nbd(on: FakeHost, number: number, isConnected = true): string {
  const kname = on.block(`nbd${number}`);
  if (isConnected) on.files.set(`/sys/block/${kname}/pid`, '412\n');
  return kname;
}

/** A disk of an iSCSI session, as sysfs shows it. */
function iscsiDisk(on: FakeHost, session: number, target: string, state = 'LOGGED_IN'): string {
  const kname = on.disk();
  on.links.set(`/sys/block/${kname}`, `../devices/platform/host3/session${session}/target3:0:0/3:0:0:1/block/${kname}`);
  on.files.set(`/sys/class/iscsi_session/session${session}/targetname`, `${target}\n`);
  on.files.set(`/sys/class/iscsi_session/session${session}/state`, `${state}\n`);
  return kname;
}

function nvmeDisk(on: FakeHost, number: number, transport: string, isJoined = true): string {
  const kname = on.block(`nvme${number}n1`);
  const nqn = `nqn.2026-01.org.example:${number}`;
  on.links.set(
    `/sys/block/${kname}`,
    isJoined ? `../devices/virtual/nvme-subsystem/nvme-subsys${number}/${kname}` : `../devices/virtual/nvme-fabrics/ctl/nvme${number}/${kname}`,
  );
  on.files.set(`/sys/class/nvme-subsystem/nvme-subsys${number}/subsysnqn`, `${nqn}\n`);
  on.files.set(`/sys/class/nvme/nvme${number}/subsysnqn`, `${nqn}\n`);
  on.files.set(`/sys/class/nvme/nvme${number}/transport`, `${transport}\n`);
  on.files.set(`/sys/class/nvme/nvme${number}/state`, 'live\n');
  return kname;
}

/** As drbdsetup 9.22 prints it with DRBD 8.4. */
const SHOWN = `resource "a b" {
    options {
    }
    _this_host {
        node-id			0;
        volume 0 {
            device			minor 3;
            disk			"/dev/sdb";
            meta-disk			internal;
            disk {
                size            	0s; # default
            }
        }
    }
    connection {
        _peer_node_id 1;
        volume 0 {
            device			minor 7;
            disk			"/dev/sdz";
        }
    }
}
resource other {
    _this_host {
        volume 0 {
            device minor 4;
            disk none;
        }
    }
}
`;

const titles = (of: FakeHost) => auditThrough(of.door(), []).plan.steps.flatMap(({ stage, title }) => (stage === 'live' ? [title] : []));
const codes = (of: FakeHost) => auditThrough(of.door(), []).report.findings.map(({ code }) => code);

describe('disks of a network', () => {
  it('are disconnected when all that stands on them is closed', () => {
    const made = host();
    made.mount([made.lv([nbd(made, 0)], 'far', 'data')], '/srv/nbd');
    made.mount([made.crypt(iscsiDisk(made, 1, 'iqn.2026-01.org.example:one'), 'secret')], '/srv/iscsi');
    made.mount([nvmeDisk(made, 1, 'tcp'), nvmeDisk(made, 2, 'rdma', false)], '/srv/nvme', 'btrfs');
    expect(titles(made)).toEqual([
      'unmount /srv/iscsi',
      'close LUKS2 secret',
      'log out of iqn.2026-01.org.example:one',
      'unmount /srv/nbd',
      'deactivate VG far (data)',
      'disconnect nbd0',
      'unmount /srv/nvme',
      'disconnect nqn.2026-01.org.example:1',
      'disconnect nqn.2026-01.org.example:2',
    ]);
  });

  it('are nothing of ours where they are not connected, or local', () => {
    const made = host();
    nbd(made, 5, false);
    nvmeDisk(made, 0, 'pcie', false);
    expect(titles(made)).toEqual([]);
    expect(auditThrough(made.door(), []).graph.nodes.map(({ id }) => id)).not.toContain('dev:nbd5');
  });

  it('keep a session open as long as one of its disks is in use', () => {
    const made = host();
    const [one, two] = [iscsiDisk(made, 1, 'iqn.x:both'), iscsiDisk(made, 1, 'iqn.x:both')];
    made.mount([one], '/srv/one');
    made.mount([two], '/srv/two');
    const of = (target: string) => auditThrough(made.door(), [target]).plan.steps.map(({ title }) => title);
    expect(of('/srv/one')).toEqual(['unmount /srv/one']);
    expect(titles(made).at(-1)).toBe('log out of iqn.x:both');
  });

  it('are left alone by the exitrd, which has no daemon and no network for them, while what stands on them is closed there', () => {
    const made = new FakeHost();
    made.mount([made.crypt(iscsiDisk(made, 1, 'iqn.x:root'), 'root')], '/');
    made.mount([made.crypt(nbd(made, 0), 'data')], '/srv');
    expect(makeExitrdPlan(readGraph(made.door()).graph, layers).steps.map(({ title }) => title)).toEqual([
      'unmount /srv',
      'unmount /',
      'close LUKS2 root',
      'close LUKS2 data',
    ]);
  });

  it('whose server is silent are named', () => {
    const made = host();
    made.mount([iscsiDisk(made, 1, 'iqn.x:gone', 'FAILED')], '/srv/a');
    made.mount([nvmeDisk(made, 1, 'tcp')], '/srv/b');
    made.files.set('/sys/class/nvme/nvme1/state', 'connecting\n');
    expect(codes(made).filter((code) => code === 'server-silent')).toHaveLength(2);
  });
});

describe('DRBD', () => {
  it('is understood by what stands below _this_host alone', () => {
    expect(parseDrbd(SHOWN)).toEqual([
      { name: 'a b', volumes: [{ minor: '3', disk: '/dev/sdb' }] },
      { name: 'other', volumes: [{ minor: '4' }] },
    ]);
    for (const garbled of ['', '}}}{;', 'resource "x" { _this_host { volume 0 { device minor $(id); } } }', SHOWN.slice(0, 60)])
      expect(parseDrbd(garbled)).toEqual([]);
  });

  it('goes down when its volumes are free, and before what it lies on', () => {
    const made = host();
    const lower = made.disk();
    expect(lower).toBe('sdb');
    made.mount([made.block('drbd3')], '/srv/ha');
    made.block('drbd4');
    made.answers.set('drbdsetup show', SHOWN);
    expect(titles(made)).toEqual(['unmount /srv/ha', 'take down DRBD resource a b', 'take down DRBD resource other']);
    expect(readGraph(made.door()).graph.directlyBelow('drbd:a b')).toEqual(['dev:sdb']);
  });

  it('stays open with a word about it where nobody tells what it lies on', () => {
    const made = host();
    made.mount([made.block('drbd3')], '/srv/ha');
    expect(titles(made)).toEqual(['unmount /srv/ha']);
    expect(codes(made)).toContain('unknown-layer');
  });
});

describe('at a shutdown', () => {
  const shares = (made: FakeHost) => {
    const { graph, plan } = auditThrough(made.door(), []);
    const live = plan.steps.filter((step) => step.stage === 'live');
    const { network, rest } = shutdownShares(graph, live);
    return { network: network.map(({ title }) => title), rest: rest.map(({ title }) => title) };
  };

  it('all that lies on the network goes before the network, and nothing else', () => {
    const made = host();
    const nfs = made.mount([], '/srv/nfs', 'nfs4', 'server:/export');
    made.mount([made.loop('/srv/nfs/image', nfs)], '/srv/image');
    made.mount([made.md([nbd(made, 0), made.disk()], 'raid1')], '/srv/both');
    made.mount([made.crypt(made.disk(), 'local')], '/srv/local');
    expect(shares(made)).toEqual({
      network: ['unmount /srv/both', 'stop array md0', 'disconnect nbd0', 'unmount /srv/image', 'detach loop0 from /srv/nfs/image', 'unmount /srv/nfs'],
      rest: ['unmount /srv/local', 'close LUKS2 local'],
    });
  });

  it('a pool on it is left to the exitrd: zpool.cache would forget it', () => {
    const made = host();
    made.pool('far', [nbd(made, 0)]);
    made.dataset('far', '/srv/far');
    expect(shares(made)).toEqual({ network: ['unmount /srv/far'], rest: [] });
  });
});
