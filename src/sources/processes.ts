import type { Door } from '../model/sources.ts';

/** Something a process holds: its working directory, its root, its program, an open file, a mapped file. */
export interface Hold {
  readonly how: 'cwd' | 'root' | 'exe' | 'open' | 'mapped';
  /** The path as /proc shows it, " (deleted)" included. */
  readonly path: string;
}

export interface Process {
  readonly pid: number;
  readonly comm: string;
  /** The systemd unit it runs in (nginx.service, session-3.scope), empty without one. */
  readonly unit: string;
}

/** Every process with a user-space half; kernel threads have no program and hold no file system. */
export function listPids(door: Door): number[] {
  return door.list('/proc').flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

/** What a process is: read only for those that are named to a person. */
export function describeProcess(door: Door, pid: number): Process {
  return {
    pid,
    comm: door.text(`/proc/${pid}/comm`) ?? '?',
    unit: unitOf(door.text(`/proc/${pid}/cgroup`) ?? ''),
  };
}

/**
 * What a process holds open (proc_pid_fd(5), proc_pid_maps(5)). Links are read, never followed: a stat on a file of a dead
 * server would hang.
 * @returns undefined when it cannot be seen (another user's process, without root).
 */
export function holdsOf(door: Door, pid: number): Hold[] | undefined {
  const base = `/proc/${pid}`;
  // Asked first: a host with a thousand mappings has several thousand of them.
  const stat = statFields(door, pid);
  if (isKernelThread(stat)) return [];
  const cwd = door.link(`${base}/cwd`);
  // A capture holds only the processes that were in the way.
  if (cwd === undefined) return door.live ? undefined : [];
  const holds: Hold[] = [{ how: 'cwd', path: cwd }];
  for (const how of ['root', 'exe'] as const) {
    const path = door.link(`${base}/${how}`);
    if (path !== undefined && path !== '/') holds.push({ how, path });
  }
  for (const fd of door.list(`${base}/fd`)) {
    const path = door.link(`${base}/fd/${fd}`);
    if (path?.startsWith('/')) holds.push({ how: 'open', path });
  }
  const mapped = new Set<string>();
  // Reading the map of a process that hangs in a page fault hangs as well.
  const maps = isStuck(stat) ? '' : (door.text(`${base}/maps`) ?? '');
  for (const line of maps.split('\n')) {
    const path = /^\S+ \S+ \S+ \S+ \S+ +(\/.*)$/.exec(line)?.[1];
    if (path !== undefined) mapped.add(path.replaceAll('\\012', '\n'));
  }
  for (const path of mapped) holds.push({ how: 'mapped', path });
  return holds;
}

/** D state (proc_pid_stat(5), field 3). */
function isStuck([state]: readonly string[]): boolean {
  return state === 'D';
}

/** PF_KTHREAD in the flags of /proc/PID/stat (proc_pid_stat(5), field 9; kernel: include/linux/sched.h). */
function isKernelThread(stat: readonly string[]): boolean {
  return (Number(stat[6]) & 0x00200000) !== 0;
}

/** The fields of /proc/PID/stat from the third on: the second, a name in brackets, may hold anything. */
export function statFields(door: Door, pid: number): string[] {
  const stat = door.text(`/proc/${pid}/stat`) ?? '';
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function unitOf(cgroup: string): string {
  const path = /^(?:0::|\d+:name=systemd:)(.*)$/m.exec(cgroup)?.[1] ?? '';
  // The outermost one: below it lie a user manager's or a container's own units, which mean something else to this systemd.
  return path.split('/').find((part) => /\.(service|scope|socket|mount|swap)$/.test(part)) ?? '';
}
