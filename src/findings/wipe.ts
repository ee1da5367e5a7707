import { WIPE_LEVELS, type WipeLevel } from '../model/config.ts';
import type { Finding } from '../model/finding.ts';
import { EXITRD_HOME, EXITRD_LIB } from '../model/places.ts';
import type { Door } from '../model/sources.ts';

/** How the memory is wiped at the next shutdown, and what says so. */
export interface Wipe {
  readonly level: WipeLevel;
  readonly from: string;
}

/**
 * The level that counts: the kernel's command line decides, and then what the installed exitrd carries with it.
 * @param configured what the configuration and the command line say.
 */
export function wipeInForce(door: Door, configured: Wipe): Wipe {
  const carried = carriedLevel(door);
  if (carried === undefined || carried === configured.level || configured.from.startsWith('/proc/cmdline')) return configured;
  return { level: carried, from: 'the installed exitrd' };
}

/** The exitrd has the level of when it was installed. */
export function wipeFindings(door: Door, configured: Wipe): Finding[] {
  const { level } = wipeInForce(door, configured);
  if (level === configured.level) return [];
  return [
    {
      code: 'wipe-differs',
      severity: 'warning',
      text: `the configuration says wipe = "${configured.level}" (${configured.from}), but the installed exitrd has "${level}"`,
      fix: 'uninitramfs exitrd install',
    },
  ];
}

function carriedLevel(door: Door): WipeLevel | undefined {
  const text = door.text(`${EXITRD_HOME}${EXITRD_LIB}/wipe.level`);
  return WIPE_LEVELS.find((level) => level === text);
}
