import { UserError } from '../model/errors.ts';
import type { Node } from '../model/node.ts';
import type { Sources } from '../model/sources.ts';
import { type Ending, loosen } from '../plan/loosen.ts';
import { override, showUnits } from '../run/units.ts';
import { readGenerated } from '../sources/generated.ts';

/** By these, what depends on a unit is stopped with it, or cannot be started without it (systemd.unit(5)). */
const DEPENDENTS = ['RequiredBy', 'BoundBy', 'RequisiteOf', 'ConsistsOf', 'PropagatesStopTo'];

/**
 * Sees to it that systemd stops nothing along with `nodes`: when a device disappears, so does by default whatever requires its mount, which for
 * a key's is every device that was opened by it and all that is mounted from these.
 * @returns what takes it back.
 * @throws UserError with the units that would stop and are not systemd's own, and nothing changed.
 */
export async function loosenFrom(nodes: readonly Node[], src: Sources): Promise<() => Promise<void>> {
  if (!src.door.exists('/run/systemd/system')) return async () => undefined;
  const ending = await endingOf(nodes, src);
  const undo = await override(loosen(readGenerated(src.door), ending));
  try {
    const tied = await dependents(ending);
    if (tied.length > 0) throw new UserError(`systemd would stop ${tied.join(', ')} with it: take the dependency out of that unit and run this again`);
  } catch (error) {
    await undo();
    throw error;
  }
  return undo;
}

/** The units of mounts and devices, what made and checked these devices for systemd, and nothing that merely uses them. */
async function endingOf(nodes: readonly Node[], src: Sources): Promise<Ending> {
  const mountPoints = nodes.filter((node) => node.kind === 'mount').map((node) => node.path);
  const devices = nodes.flatMap(({ id, path }) => {
    if (!id.startsWith('dev:')) return [];
    const links = src.udevLinks(id.slice('dev:'.length)).map((link) => `/dev/${link}`);
    return [...new Set([path, src.block(id.slice('dev:'.length))?.devPath ?? path, ...links])];
  });
  const shown = await showUnits([...devices, ...mountPoints], ['Id', 'Requires', 'BoundBy']);
  const made = shown.flatMap((unit) => {
    const isDevice = unit.get('Id')?.[0]?.endsWith('.device');
    const around = isDevice ? [...(unit.get('Requires') ?? []), ...(unit.get('BoundBy') ?? [])] : [];
    return [...(unit.get('Id') ?? []), ...around.filter((name) => /^systemd-(cryptsetup|fsck)@/.test(name))];
  });
  return { units: new Set(made), mountPoints };
}

async function dependents({ units }: Ending): Promise<string[]> {
  const shown = await showUnits([...units], DEPENDENTS);
  const all = shown.flatMap((unit) => DEPENDENTS.flatMap((word) => unit.get(word) ?? []));
  return [...new Set(all)].filter((name) => !units.has(name));
}
