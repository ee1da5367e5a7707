import type { Holder } from '../model/holder.ts';
import type { Door } from '../model/sources.ts';
import { describeProcess, statFields } from '../sources/processes.ts';
import { call, sleep } from './call.ts';

/** How long processes get after SIGTERM, and after SIGKILL. */
const TERM_SECONDS = 5;
const KILL_SECONDS = 3;
const UNIT_SECONDS = 60;

export interface Eviction {
  readonly door: Door;
  /** Who is still in the way now. */
  readonly look: () => readonly Holder[];
  /** Told before each act, one line. */
  readonly say: (line: string) => void;
}

/**
 * Ends whoever is in the way: stops their services, then SIGTERM, then SIGKILL, each named before it happens. Never
 * PID 1, never this program or what it was started from.
 */
export async function evict({ door, look, say }: Eviction): Promise<void> {
  const spared = lineage(door);
  const inTheWay = () => look().filter((holder) => !spared.has(holder.pid));
  for (const unit of new Set(inTheWay().map((holder) => holder.unit))) {
    if (!unit.endsWith('.service') || /^(user@\d+|systemd-.*)\.service$/.test(unit) || spared.has(unit)) continue;
    say(`stopping ${unit}`);
    const stopped = await call(['systemctl', 'stop', '--', unit], { seconds: UNIT_SECONDS });
    if (stopped.is !== 'ok') say(`${unit} did not stop: ${stopped.message}`);
  }
  for (const [signal, seconds] of [
    ['SIGTERM', TERM_SECONDS],
    ['SIGKILL', KILL_SECONDS],
  ] as const) {
    const pids = new Map(inTheWay().map((holder) => [holder.pid, holder]));
    if (pids.size === 0) return;
    for (const [pid, holder] of pids) {
      say(`${signal} to ${holder.comm} (pid ${pid}${holder.unit ? `, ${holder.unit}` : ''})`);
      try {
        process.kill(pid, signal);
      } catch {
        // It is gone already.
      }
    }
    for (let waited = 0; waited < seconds && inTheWay().length > 0; waited += 0.2) await sleep(0.2);
  }
}

/** This process, its ancestors, PID 1, and the services any of them runs in. */
function lineage(door: Door): Set<number | string> {
  const spared = new Set<number | string>([1]);
  for (let pid = process.pid; pid > 1 && !spared.has(pid); ) {
    spared.add(pid);
    const { unit } = describeProcess(door, pid);
    if (unit) spared.add(unit);
    pid = Number(statFields(door, pid)[1]);
  }
  return spared;
}
