import type { Door, Mount } from '../model/sources.ts';
import type { Probe } from '../model/step.ts';
import { parseMountinfo } from '../sources/mountinfo.ts';
import { parseSwaps } from '../sources/swaps.ts';
import { call } from './call.ts';

/** A probe's command answers from the kernel's memory; longer than this means the device hangs. */
const PROBE_SECONDS = 10;

let known: { readonly text: string; readonly mounts: readonly Mount[] } = { text: '', mounts: [] };

/** Every step asks at least twice, and few of these tables differ. */
function mountsNow(door: Door): readonly Mount[] {
  const text = door.text('/proc/self/mountinfo') ?? '';
  if (text !== known.text) known = { text, mounts: parseMountinfo(text) };
  return known.mounts;
}

/** Answers a probe on the running host. */
export async function ask(probe: Probe, door: Door): Promise<boolean> {
  switch (probe.is) {
    case 'exists':
      return door.exists(probe.path);
    case 'equals':
      return door.text(probe.path)?.trim() === probe.text.trim();
    case 'mounted': {
      const here = mountsNow(door).filter((mount) => mount.mountpoint === probe.path);
      if (probe.mountId !== undefined) return here.some((mount) => mount.mountId === probe.mountId);
      return probe.type === undefined ? here.length > 0 : here.at(-1)?.fstype === probe.type;
    }
    case 'swapped':
      return parseSwaps(door.text('/proc/swaps') ?? '').some((swap) => !swap.deleted && swap.path === probe.path);
    case 'field': {
      const answer = await call(probe.argv, { seconds: PROBE_SECONDS });
      return answer.is === 'ok' && answer.output.trim().split(/\s+/)[probe.index] === probe.text;
    }
    case 'not':
      return !(await ask(probe.of, door));
    case 'all': {
      for (const each of probe.of) if (!(await ask(each, door))) return false;
      return true;
    }
    default:
      return probe satisfies never;
  }
}
