import { existsSync } from 'node:fs';
import { helperProgram } from '../exitrd/hooks.ts';
import { type Config, DEFAULTS, SETTINGS, WIPE_LEVELS } from '../model/config.ts';
import { isUserError, UserError } from '../model/errors.ts';
import { NO_RECEIPT } from '../model/receipt.ts';
import type { Door } from '../model/sources.ts';
import { findReceiptPlace } from '../plan/receipt.ts';
import { configured } from '../sources/config.ts';
import { openDoor } from '../sources/door.ts';
import { readGraph } from './audit.ts';

/** A setting as it counts on a host. */
export interface InForce {
  readonly key: string;
  readonly value: unknown;
  /** FILE:LINE, or "default". */
  readonly from: string;
  readonly takes: string;
  readonly about: string;
  /** Why it cannot be done on this host. */
  readonly problem?: string;
}

/**
 * Every setting of a host (or of one whose root is at `sysroot`), with its value and where that comes from.
 * @throws UserError for a broken configuration, or a folder that is not there.
 */
export function configInForce(sysroot: string | undefined): InForce[] {
  const door = openDoor(sysroot);
  if (!door.exists('/')) throw new UserError(`there is no folder ${sysroot}: name the one that holds etc`);
  const given = configured(door);
  return Object.entries(SETTINGS).map(([key, { takes, about }]) => {
    const found = given.get(key);
    const from = found ? [found.file, ...(found.line === undefined ? [] : [found.line])].join(':') : 'default';
    const here = { key, value: found ? found.value : DEFAULTS[key as keyof Config], from, takes, about };
    return key === 'wipe' ? { ...here, ...wipeForThisBoot(door) } : here;
  });
}

/** The same, with what cannot be done on that host: for this the whole host is read. */
export function configWithProblems(sysroot: string | undefined): InForce[] {
  const door = openDoor(sysroot);
  return configInForce(sysroot).map((each) => (each.key === 'receipt' ? { ...each, ...receiptProblem(door, String(each.value)) } : each));
}

/** Where this reading does not show what lies on what, nothing is said. */
function receiptProblem(door: Door, setting: string): Pick<InForce, 'problem'> {
  if (setting === NO_RECEIPT) return {};
  try {
    const { src, graph } = readGraph(door);
    const found = findReceiptPlace(setting, src, graph, existsSync(helperProgram()));
    return found.is === 'impossible' ? { problem: found.why } : {};
  } catch (error) {
    if (!isUserError(error)) throw error;
    return {};
  }
}

/** As the exitrd's wipe.sh has it: the last such word decides, and one that it does not know means "keys". */
function wipeForThisBoot(door: Door): Partial<InForce> {
  const words = door.text('/proc/cmdline')?.split(/\s+/) ?? [];
  const word = words.findLast((each) => each.startsWith('uninitramfs.wipe='));
  if (word === undefined) return {};
  const level = WIPE_LEVELS.find((each) => word === `uninitramfs.wipe=${each}`);
  return { value: level ?? 'keys', from: level ? '/proc/cmdline' : `/proc/cmdline, where ${word} is no level` };
}
