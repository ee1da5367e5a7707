import type { CrypttabEntry } from '../model/sources.ts';

/**
 * Parses crypttab(5). It only feeds findings, never an action, so a line that is too short is left out instead of
 * stopping the program.
 */
export function parseCrypttab(text: string): CrypttabEntry[] {
  const entries: CrypttabEntry[] = [];
  for (const line of text.split('\n')) {
    const [name, device, key, options] = line.trim().split(/\s+/);
    if (!name || name.startsWith('#') || !device) continue;
    entries.push({
      name,
      device,
      key: key === undefined || key === 'none' || key === '-' ? undefined : key,
      options: (options ?? '').split(',').filter((option) => option !== ''),
    });
  }
  return entries;
}
