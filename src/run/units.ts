import { lstatSync, mkdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../model/errors.ts';
import type { UnitOverride } from '../model/generated.ts';
import { call } from './call.ts';

const FOLDER = '/run/systemd/system';
/** systemd answers in milliseconds; a reload runs all generators. */
const SECONDS = { show: 20, reload: 90 };

/**
 * What systemd knows of units: lists of unit names by property.
 * @param units names, or paths of devices and mount points.
 * @throws UserError when systemd does not answer.
 */
export async function showUnits(units: readonly string[], properties: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>[]> {
  const answer = await call(['systemctl', 'show', '--no-pager', `--property=${properties.join(',')}`, '--', ...units], { seconds: SECONDS.show });
  if (answer.is !== 'ok') throw new UserError(`systemd does not say what depends on ${units.join(', ')}: ${answer.message}`);
  return parseShown(answer.output);
}

/** @param output of `systemctl show`: a block for each unit. */
export function parseShown(output: string): ReadonlyMap<string, readonly string[]>[] {
  return output.split(/\n{2,}/).map((block) => new Map(block.split('\n').map(property)));
}

/** Newer systemd quotes a name with a backslash, as C does. */
function property(line: string): [string, string[]] {
  const at = line.indexOf('=');
  const names = line.slice(at + 1).match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  return [line.slice(0, at), names.map((name) => (name.startsWith('"') ? name.slice(1, -1).replace(/\\(.)/g, '$1') : name))];
}

/**
 * Puts overrides in force until the next boot.
 * @returns what takes them back.
 * @throws UserError when one of these files is there already, with other contents: then none is left behind.
 */
export async function override(overrides: readonly UnitOverride[]): Promise<() => Promise<void>> {
  const made: string[] = [];
  const undo = async (): Promise<void> => {
    for (const path of made) rmSync(path, { force: true });
    if (made.length > 0) await reload();
  };
  try {
    for (const each of overrides) if (make(each)) made.push(`${FOLDER}/${each.name}`);
    if (made.length > 0) await reload();
    return undo;
  } catch (error) {
    await undo();
    throw error;
  }
}

/** @returns whether there was something to do. */
function make({ name, text }: UnitOverride): boolean {
  const path = `${FOLDER}/${name}`;
  if (lstatSync(path, { throwIfNoEntry: false })) {
    if (holds(path, text)) return false;
    throw new UserError(`${path} is there already, made by somebody else: remove it, or close the device by hand`);
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  if (text === undefined) symlinkSync('/dev/null', path);
  else writeFileSync(path, text, { flag: 'wx', mode: 0o644 });
  return true;
}

function holds(path: string, text: string | undefined): boolean {
  const isLink = lstatSync(path).isSymbolicLink();
  return text === undefined ? isLink && readlinkSync(path) === '/dev/null' : !isLink && readFileSync(path, 'utf8') === text;
}

async function reload(): Promise<void> {
  const answer = await call(['systemctl', 'daemon-reload'], { seconds: SECONDS.reload });
  if (answer.is !== 'ok') throw new UserError(`systemd does not read its units again: ${answer.message}`);
}
