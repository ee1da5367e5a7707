import type { Answer } from '../model/audit.ts';
import type { Finding } from '../model/finding.ts';
import { count, few, markOf } from './answer.ts';
import type { Looked } from './looked.ts';

const SUSPENDED = ['dm-suspended', 'pool-suspended', 'multipath-no-path'];

/** What could hold a shutdown up? */
export function hangAnswers(looked: Looked): Answer[] {
  return [suspended(looked), network(looked), busy(looked)];
}

/** What holds back everything that touches it. */
export function suspendedFindings(findings: readonly Finding[]): Finding[] {
  return findings.filter(({ code }) => SUSPENDED.includes(code));
}

function suspended({ findings, graph }: Looked): Answer {
  const found = suspendedFindings(findings);
  const names = found.flatMap(({ node }) => (node === undefined ? [] : (graph.node(node)?.name ?? [])));
  const pathless = found.some(({ code }) => code === 'multipath-no-path') ? ' or without a path' : '';
  if (found.length > 0) return { about: 'suspended', mark: markOf(found), text: `${few(names)}: suspended${pathless}, and whatever touches it waits` };
  const vain = findings.filter(({ code }) => code === 'crypttab-no-initrd-attach');
  if (vain.length > 0) return { about: 'suspended', mark: markOf(vain), text: 'nothing is suspended, but systemd tries in vain to detach what backs the root' };
  return { about: 'suspended', mark: 'good', text: 'nothing is suspended' };
}

function network({ networkMounts }: Looked): Answer {
  const about = 'network';
  if (networkMounts.length === 0) return { about, mark: 'good', text: 'no network file system is mounted' };
  const paths = (server: string) => networkMounts.filter((each) => each.server === server).map(({ path }) => path);
  const [silent, unknown] = [paths('silent'), paths('unknown')];
  if (silent.length > 0) return { about, mark: 'warning', text: `the server of ${few(silent)} does not answer` };
  if (unknown.length > 0) return { about, mark: 'unknown', text: `whether the server of ${few(unknown)} answers, no connection tells` };
  return { about, mark: 'good', text: `${count(networkMounts.length, 'network mount')}, and every server answers` };
}

function busy({ findings, holders, unseenProcesses, src }: Looked): Answer {
  const about = 'busy';
  const found = findings.filter(({ code }) => code === 'busy-mount' || code === 'busy-device');
  const programs = few([...new Set(holders.map(({ unit, comm }) => (unit.endsWith('.service') ? unit : comm)))]);
  if (found.length > 0)
    return { about, mark: markOf(found), text: `${found.length} in use, by ${programs}: a shutdown ends these first, a live teardown does not` };
  // A capture holds no process but those that were in the way.
  if (unseenProcesses === 0) return { about, mark: 'good', text: src.door.live ? 'no process is in the way' : 'no process was in the way' };
  return { about, mark: 'unknown', text: "whether another user's process is in the way, only root can see" };
}
