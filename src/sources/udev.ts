import type { Door } from '../model/sources.ts';

/** The links udev made for a block device, from its database (`S:` lines of /run/udev/data/bMAJ:MIN). */
export function udevLinksOf(door: Door, sys: string): string[] {
  return recordOf(door, sys).flatMap((line) => (line.startsWith('S:') ? [line.slice(2)] : []));
}

function recordOf(door: Door, sys: string): string[] {
  const devno = door.text(`${sys}/dev`);
  return devno ? (door.text(`/run/udev/data/b${devno}`) ?? '').split('\n') : [];
}
