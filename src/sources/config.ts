import { parse, TomlError } from 'smol-toml';
import { type Config, DEFAULTS, WIPE_LEVELS, type WipeLevel } from '../model/config.ts';
import { UserError } from '../model/errors.ts';
import type { Door } from '../model/sources.ts';

const CONFIG_FILE = '/etc/uninitramfs/uninitramfs.toml';

/**
 * The configuration of a host; the defaults where it has none.
 * @throws UserError with the file, the line and what would be right.
 */
export function readConfig(door: Door): Config {
  const text = door.text(CONFIG_FILE);
  if (text === undefined) return DEFAULTS;
  const given = parseToml(text);
  const known = Object.keys(DEFAULTS);
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) throw new UserError(`${CONFIG_FILE}: there is no setting called "${unknown}"; there is ${known.join(', ')}`);
  return {
    ...DEFAULTS,
    ...('wipe' in given && { wipe: wipeLevel(given.wipe) }),
    ...('keyfile_devices' in given && { keyfile_devices: listOfNames('keyfile_devices', given.keyfile_devices) }),
  };
}

function parseToml(text: string): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new UserError(`${CONFIG_FILE}, line ${error.line}: ${error.message.split('\n')[0]}`);
  }
}

function wipeLevel(value: unknown): WipeLevel {
  const level = WIPE_LEVELS.find((each) => each === value);
  if (level === undefined)
    throw new UserError(`${CONFIG_FILE}: wipe is ${JSON.stringify(value)}; it can be ${WIPE_LEVELS.map((each) => `"${each}"`).join(', ')}`);
  return level;
}

function listOfNames(key: string, value: unknown): string[] {
  if (Array.isArray(value) && value.every((each) => typeof each === 'string' && each !== '')) return value;
  throw new UserError(`${CONFIG_FILE}: ${key} is ${JSON.stringify(value)}; it has to be a list of names, such as ["keys"]`);
}
