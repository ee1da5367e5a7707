import { parse, TomlError } from 'smol-toml';
import { type Config, DEFAULTS, SETTINGS } from '../model/config.ts';
import { UserError } from '../model/errors.ts';
import { nearest } from '../model/nearest.ts';
import type { Door } from '../model/sources.ts';
import { inToml } from '../model/toml.ts';
import { type ConfigFile, configFiles } from './config-files.ts';
import { lineOfKey } from './toml-line.ts';

/** A value, and the place that gave it. */
export interface Configured {
  readonly value: unknown;
  readonly file: string;
  readonly line: number | undefined;
}

/**
 * The configuration of a host; the defaults where it has none.
 * @throws UserError with the file, the line and what would be right.
 */
export function readConfig(door: Door): Config {
  const given = [...configured(door)].map(([key, { value }]) => [key, value]);
  return { ...DEFAULTS, ...Object.fromEntries(given) };
}

/**
 * What the files of a host say, by key. A later file's value replaces an earlier one's; both have to be right.
 * @throws UserError as readConfig does.
 */
export function configured(door: Door): ReadonlyMap<string, Configured> {
  const found = new Map<string, Configured>();
  for (const file of configFiles(door)) {
    for (const [key, given] of Object.entries(parseToml(file))) {
      const line = lineOfKey(file.text, [key]);
      found.set(key, { value: check(key, given, place(file.path, line)), file: file.path, line });
    }
  }
  return found;
}

function place(path: string, line: number | undefined): string {
  return line === undefined ? path : `${path}, line ${line}`;
}

function parseToml({ path, text }: ConfigFile): Record<string, unknown> {
  try {
    return parse(text);
  } catch (error) {
    const line = error instanceof TomlError ? error.line : undefined;
    const [what = ''] = error instanceof Error ? error.message.split('\n') : [];
    throw new UserError(`${place(path, line)}: ${what} (${remedy(what, text.split('\n')[(line ?? 1) - 1] ?? '')})`);
  }
}

/** Mostly it is the quotes that are missing. */
function remedy(what: string, line: string): string {
  if (what.includes('redefine')) return 'a key can be there once';
  const [, key, word] = /^\s*([\w-]+)\s*[=:]\s*([\w/][\w/.-]*)\s*(?:#.*)?$/.exec(line) ?? [];
  return `a setting looks like this: ${key && word ? `${key} = "${word}"` : 'wipe = "keys"'}`;
}

function check(key: string, given: unknown, where: string): unknown {
  if (!isKey(key)) throw new UserError(`${where}: there is no setting called ${shown(key)} (${instead(key)})`);
  const { schema, takes } = SETTINGS[key];
  const { success, data } = schema.safeParse(given);
  if (!success) throw new UserError(`${where}: ${key} is ${shown(given)}; it can be ${takes}`);
  return data;
}

function isKey(key: string): key is keyof Config {
  return Object.hasOwn(SETTINGS, key);
}

function instead(key: string): string {
  const known = Object.keys(SETTINGS);
  const meant = nearest(key, known);
  return meant === undefined ? `there is ${known.join(', ')}` : `did you mean ${meant}?`;
}

function shown(value: unknown): string {
  const text = inToml(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
