import { afterEach, expect, it } from 'vitest';
import { bootGuest, type Guest } from './lab/uml.ts';

/** Random stacks, really built: the same seeds every time, so that a failure can be repeated. */
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const MOVES = 9;

let guest: Guest | undefined;
afterEach(() => guest?.stop());

/** A small generator of numbers (mulberry32), because a stack must be the same for the same seed. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A script that stacks things on devices that are still free, or on file systems that were made on the way. */
function recipe(seed: number): string {
  const pick = numbers(seed);
  const lines: string[] = [];
  const free = ['/dev/sda1', '/dev/sda2', '/dev/sdb1', '/dev/sdb2'].map((path) => ({ path, size: 140 }));
  const places: { path: string; size: number }[] = [];
  const take = () => free.splice(pick(free.length), 1)[0] as { path: string; size: number };
  for (let n = 0; n < MOVES && free.length > 0; n++) {
    const kind = ['crypt', 'linear', 'lvm', 'md', 'mount', 'mount', 'loop', 'swap'][pick(8)];
    if (kind === 'loop') {
      const place = places[pick(Math.max(1, places.length))];
      if (!place || place.size < 60) continue;
      place.size -= 50;
      lines.push(`truncate -s 40M "${place.path}/image${n}"`, `loop${n}=$(losetup --show -f "${place.path}/image${n}")`);
      free.push({ path: `$loop${n}`, size: 40 });
      continue;
    }
    if (kind === 'md' && free.length < 2) continue;
    const dev = take();
    if (kind === 'crypt') {
      lines.push(`cryptsetup open -q --type plain --cipher aes-xts-plain64 --key-size 512 --hash sha512 ${dev.path} crypt${n} <$PASS`);
      free.push({ path: `/dev/mapper/crypt${n}`, size: dev.size });
    } else if (kind === 'linear') {
      // Not from sector 0: two devices with the same start are duplicates to LVM.
      lines.push(`echo "0 $(($(blockdev --getsz ${dev.path}) - 8192)) linear ${dev.path} 8192" | dmsetup create linear${n}`);
      free.push({ path: `/dev/mapper/linear${n}`, size: dev.size - 4 });
    } else if (kind === 'lvm') {
      lines.push(
        `pvcreate -q -ff -y ${dev.path}`,
        `vgcreate -q -s 1M vg-${n} ${dev.path}`,
        `lvcreate -q -y -Wn -n a-b -l 48%VG vg-${n}`,
        `lvcreate -q -y -Wn -n c -l 48%VG vg-${n}`,
      );
      free.push({ path: `/dev/vg-${n}/a-b`, size: dev.size / 2 - 4 }, { path: `/dev/vg-${n}/c`, size: dev.size / 2 - 4 });
    } else if (kind === 'md') {
      const other = take();
      lines.push(`array /dev/md${n} --level=1 --raid-devices=2 ${dev.path} ${other.path}`);
      free.push({ path: `/dev/md${n}`, size: Math.min(dev.size, other.size) - 4 });
    } else if (kind === 'swap') {
      lines.push(`mkswap -q ${dev.path}`, `swapon ${dev.path}`);
    } else {
      const inside = places.length > 0 && pick(2) === 1 ? (places[pick(places.length)]?.path as string) : '$T/srv';
      const path = `${inside}/m${n}`;
      lines.push(`mke2fs -q -F -t ext4 ${dev.path}`, `mkdir -p "${path}"`, `mount ${dev.path} "${path}"`);
      places.push({ path, size: dev.size });
    }
  }
  return lines.join('\n');
}

it('random stacks close in full', async () => {
  guest = await bootGuest({ memory: '2G', modules: ['raid1'] });
  await guest.run('. /lab/hosts/layers.sh\nground');
  for (const seed of SEEDS) {
    await guest.run(
      `. /lab/hosts/lib.sh\nfor p in sda1 sda2 sdb1 sdb2; do dd if=/dev/zero of=/dev/$p bs=1M count=4 status=none; mdadm --zero-superblock --force /dev/$p 2>/dev/null || true; done\nudevadm settle\n${recipe(seed)}`,
      120,
    );
    const run = await guest.try('teardown --yes');
    expect([seed, run.code, run.out]).toEqual([seed, 0, expect.stringContaining('Nothing is left open')]);
    expect(await guest.run('. /lab/hosts/lib.sh\nclosed')).toContain('all closed');
  }
}, 400_000);
