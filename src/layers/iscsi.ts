import type { Finding } from '../model/finding.ts';
import type { Layer } from '../model/layer.ts';
import type { Node } from '../model/node.ts';

/** What open sessions are listed in (kernel: drivers/scsi/scsi_transport_iscsi.c). */
const SESSIONS = '/sys/class/iscsi_session';

/** A session with an iSCSI target. Its disks come and go with it. */
export const iscsi: Layer = {
  kind: 'iscsi',
  tools: ['iscsiadm'],
  discover: ({ door }) =>
    door
      .list(SESSIONS)
      .filter((name) => /^session\d+$/.test(name))
      .map((name): Node => {
        const state = door.text(`${SESSIONS}/${name}/state`) ?? '';
        return {
          id: `iscsi:${name}`,
          kind: 'iscsi',
          name: door.text(`${SESSIONS}/${name}/targetname`) || name,
          path: `${SESSIONS}/${name}`,
          facts: { session: name.slice('session'.length), state },
          below: [],
          close: 'step',
          wanted: true,
          liveOnly: true,
        };
      }),
  edges: ({ door, blocks }) => {
    const sessions = new Set(door.list(SESSIONS));
    if (sessions.size === 0) return [];
    return blocks.flatMap((dev) => {
      if (dev.dm || dev.partitionOf !== undefined) return [];
      const session = /\/(session\d+)\//.exec(door.link(dev.sys) ?? '')?.[1] ?? '';
      return sessions.has(session) ? [{ above: `dev:${dev.kname}`, below: `iscsi:${session}` }] : [];
    });
  },
  teardown: (nodes) =>
    nodes.map((node) => ({
      title: `log out of ${node.name}`,
      id: `logout:${node.facts.session}`,
      node: node.id,
      closes: [node.id],
      unless: { is: 'not', of: { is: 'exists', path: node.path } },
      ops: [{ op: 'run', argv: ['iscsiadm', '--mode', 'session', '--sid', node.facts.session ?? '', '--logout'], retrySeconds: 3 }],
      seconds: 30,
      onFail: 'stop',
    })),
  assemble: (node) => `log in to ${node.name}`,
  findings: (nodes) => nodes.filter(({ facts }) => facts.state === 'FAILED').map(silent),
};

function silent(node: Node): Finding {
  return {
    code: 'server-silent',
    severity: 'warning',
    text: `the iSCSI target ${node.name} does not answer: what touches its disks waits until the session gives up`,
    fix: 'bring the target back; how long is waited for it: node.session.timeo.replacement_timeout in /etc/iscsi/iscsid.conf',
    node: node.id,
  };
}
