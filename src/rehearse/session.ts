import { openSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** The processes of a session: UML's helpers leave its process group, but not its session. */
function processesOf(session: number): number[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[3]) === session ? [Number(name)] : [];
    } catch {
      // Gone in between.
      return [];
    }
  });
}

export function killSession(session: number | undefined): void {
  if (session === undefined) return;
  for (const pid of processesOf(session)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // Gone in between.
    }
  }
}

/**
 * Opens the memory of the machine that runs in a session: a file without a name, larger than any other it has open.
 * @throws Error when no process of the session has one.
 */
export function openMemoryOf(session: number): number {
  for (const pid of processesOf(session)) {
    try {
      for (const fd of readdirSync(`/proc/${pid}/fd`)) {
        const path = `/proc/${pid}/fd/${fd}`;
        if (/\/(#\d+|vm_file[^/]*) \(deleted\)$/.test(readlinkSync(path))) return openSync(path, 'r');
      }
    } catch {
      // Gone in between.
    }
  }
  throw new Error("the guest's memory was not found among its open files");
}
