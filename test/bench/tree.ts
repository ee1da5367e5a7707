import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { FakeHost } from '../unit/support/fake-host.ts';

/**
 * Writes a capture with at least `devices` block devices, stacked as storage servers stack them: disks with partitions,
 * RAID1 pairs, LUKS, LVM, file systems and swap.
 * @returns how many block devices there are.
 */
export function writeTree(folder: string, devices: number): number {
  const host = new FakeHost(`bench${devices}`);
  let count = 0;
  const counted = <T>(made: T): T => {
    count++;
    return made;
  };
  const root = counted(host.partition(counted(host.disk()), 1));
  host.mount([root], '/');
  host.mount([], '/proc', 'proc');
  host.mount([], '/sys', 'sysfs');
  for (let unit = 0; count < devices; unit++) {
    const halves = [0, 1].map(() => {
      const disk = counted(host.disk());
      return [counted(host.partition(disk, 1)), counted(host.partition(disk, 2))] as const;
    });
    const array = counted(
      host.md(
        halves.map(([first]) => first),
        'raid1',
      ),
    );
    const crypt = counted(host.crypt(array, `crypt${unit}`));
    const [data, logs] = ['data', 'logs'].map((name) => counted(host.lv([crypt], `vg${unit}`, name))) as [string, string];
    host.mount([data], `/srv/${unit}`);
    host.mount([logs], `/srv/${unit}/logs`);
    for (const [index, [, second]] of halves.entries()) {
      const other = counted(host.crypt(second, `side${unit}-${index}`));
      if (index === 0) host.swap(other);
      else host.mount([other], `/srv/side${unit}`);
    }
  }
  for (const [path, text] of host.allFiles()) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  for (const [path, to] of host.links) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    symlinkSync(to, join(folder, path));
  }
  return count;
}
