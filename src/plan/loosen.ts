import type { Generated, UnitOverride } from '../model/generated.ts';

/** What is about to be closed, as systemd sees it. */
export interface Ending {
  readonly units: ReadonlySet<string>;
  readonly mountPoints: readonly string[];
}

const UNITS = new Set(['Requires', 'Requisite', 'BindsTo', 'PartOf', 'Wants', 'StopPropagatedFrom']);
const PLACES = new Set(['RequiresMountsFor', 'WantsMountsFor']);

/**
 * What makes systemd's own units independent of `ending`, so that nothing stops with it and no start of something else waits for its return.
 * A unit's dependencies cannot be taken back by a drop-in (systemd.unit(5)), so a unit that names what ends is replaced by a copy that does not.
 */
export function loosen({ units, links }: Generated, ending: Ending): UnitOverride[] {
  const others = units.filter(({ name }) => !ending.units.has(name));
  const copies = others.flatMap(({ name, text }) => {
    const loosened = text
      .split('\n')
      .flatMap((line) => loosenLine(line, ending))
      .join('\n');
    return loosened === text ? [] : [{ name, text: `# A copy without what this unit no longer needs; it is gone with the next boot.\n${loosened}\n` }];
  });
  const cut = links.filter(({ unit, needed }) => ending.units.has(needed) && !ending.units.has(unit));
  return [...copies, ...cut.map(({ unit, word, needed }) => ({ name: `${unit}.${word}/${needed}` }))];
}

function loosenLine(line: string, ending: Ending): string[] {
  const [, word = '', value = ''] = /^\s*(\w+)\s*=(.*)$/.exec(line) ?? [];
  const isPlaces = PLACES.has(word);
  if (!isPlaces && !UNITS.has(word)) return [line];
  const values = value.match(/"[^"]*"|\S+/g) ?? [];
  const kept = values.flatMap((each) => (isPlaces ? placeWithout(each, ending) : ending.units.has(each) ? [] : [each]));
  if (kept.join(' ') === values.join(' ')) return [line];
  return kept.length === 0 ? [] : [`${word}=${kept.join(' ')}`];
}

/** What holds the mount point is needed still. */
function placeWithout(place: string, { mountPoints }: Ending): string[] {
  const path = place.replace(/^"(.*)"$/, '$1').replaceAll('%%', '%');
  // The outermost: what is mounted inside another one that ends is gone with it.
  const [outermost] = mountPoints.filter((point) => `${path}/`.startsWith(`${point}/`)).sort((one, other) => one.length - other.length);
  if (outermost === undefined) return [place];
  const parent = outermost.slice(0, outermost.lastIndexOf('/')).replaceAll('%', '%%');
  if (parent === '') return [];
  return [/\s/.test(parent) ? `"${parent}"` : parent];
}
