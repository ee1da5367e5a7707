import { UserError } from '../model/errors.ts';
import type { Swap } from '../model/sources.ts';
import { decodeOctal } from './octal.ts';

const DELETED = ' (deleted)';
const HEADER = 'Filename';
/** "(unreachable)" where this process's root does not reach it (kernel: fs/d_path.c). Another word is half a name, or an option to swapoff. */
const NAME = /^(\/|\(unreachable\)\/)/;

/**
 * Parses /proc/swaps (kernel: mm/swapfile.c, swap_show). The first line is a heading.
 * @throws UserError naming a line that is not of that form: what half a table leaves out would be closed below active swap.
 */
export function parseSwaps(text: string, where = '/proc/swaps'): Swap[] {
  const swaps: Swap[] = [];
  text.split('\n').forEach((line, index) => {
    if ((index === 0 && line.startsWith(HEADER)) || line === '') return;
    const match = /^(\S+)\s+(\S+)\s+(\d+)\s+(\d+)\s+(-?\d+)\s*$/.exec(line);
    if (!match || !NAME.test(match[1] as string)) {
      throw new UserError(`${where} line ${index + 1} is not a swap area: "${line.slice(0, 60)}". Nothing was touched; report it with a capture`);
    }
    const name = decodeOctal(match[1] as string);
    const deleted = name.endsWith(DELETED);
    swaps.push({
      path: deleted ? name.slice(0, -DELETED.length) : name,
      type: match[2] as string,
      size: Number(match[3]),
      used: Number(match[4]),
      deleted,
    });
  });
  return swaps;
}
