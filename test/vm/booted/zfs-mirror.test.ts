import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { ensureHostImage } from '../lab/host-image.ts';
import { startInstalled } from '../lab/installed.ts';
import { type Machine, PREPARATION_MS, prepareMachine, startMachine } from '../lab/machine.ts';
import { expectAllClosed, stackOf } from '../lab/shutdown-proof.ts';
import { hostSecrets } from '../residue/host-secrets.ts';
import { hitsOf, KEY_KINDS, residueIn } from '../residue/residue.ts';

/** The modules are compiled where they are not in the cache, and the host is built within another one. */
const COMPILING_MS = 3_000_000;

const machines: Machine[] = [];
beforeAll(() => prepareMachine('zfs-mirror'), 2 * PREPARATION_MS + COMPILING_MS);
afterEach(async () => {
  for (const machine of machines.splice(0)) await machine.stop();
});

const hitsIn = async (machine: Machine) => {
  const secrets = await hostSecrets(await ensureHostImage('zfs-mirror', () => undefined));
  const memory = openSync(machine.ram ?? '', 'r');
  try {
    return hitsOf(residueIn(memory, { ...secrets, markers: [], decoys: [] }), [...KEY_KINDS, 'key files']);
  } finally {
    closeSync(memory);
  }
};

it('a root on ZFS on LUKS: the pool is exported in the exitrd, its devices are closed, and another machine imports it without force', async () => {
  const host = await startInstalled('zfs-mirror', { ram: true });
  machines.push(host);
  // Native encryption on top, whose key lies on the root.
  await host.run(`zfs load-key rpool/vault
zfs mount rpool/vault
for at in /root /home /srv/vault; do head -c 300000 /dev/urandom >$at/data; done
cat /proc/swaps
[ "$(wc -l </proc/swaps)" = 2 ]
systemctl reload uninitramfs-exitrd`);
  const sums = await host.run('cd /; sha256sum root/data home/data srv/vault/data');
  // What the pool's devices were opened with has no use any more.
  expect((await host.try('uninitramfs keyfiles --close', 120)).out).toMatch(/^closed {2}keyfile, which holds the key of rpool-crypt0, rpool-crypt1/m);
  const before = await stackOf(host);
  expect(before.titles).toContain('export pool rpool');
  expect(await hitsIn(host)).not.toEqual({});
  expect((await host.end('systemctl poweroff')).reason).toBe('guest-shutdown');
  expectAllClosed(host.console(), before);
  // OpenZFS keeps copies of the processor's registers, and so at times one piece of a key that dm-crypt had just used (docs/SECURITY.md): the first
  // of a schedule is one of the key as well.
  const left = await hitsIn(host);
  expect(left.schedules ?? 0).toBe(0);
  expect(left['key files'] ?? 0).toBe(0);
  expect((left['volume key'] ?? 0) + (left['round keys'] ?? 0)).toBeLessThan(4);
  await host.off();

  const elsewhere = await startMachine('more', { more: ['sda', 'sdb'].map((disk) => join(host.folder, `${disk}.qcow2`)) });
  machines.push(elsewhere);
  await elsewhere.run(
    'modprobe zfs\n[ "$(hostname)" = more ]\nmdadm --examine /dev/disk/by-partlabel/boot0 /dev/disk/by-partlabel/boot1 | grep -c "State : clean" | grep -x 2',
  );
  await elsewhere.run(
    `printf 'correct horse battery staple' >/run/pass
[ -b /dev/md/1 ] || [ -b /dev/md1 ] || mdadm --assemble --run /dev/md/1 /dev/disk/by-partlabel/key0 /dev/disk/by-partlabel/key1
cryptsetup open --key-file /run/pass "$(blkid -t TYPE=crypto_LUKS -o device | grep md | head -n 1)" keyfile
head -c 4096 /dev/mapper/keyfile >/run/raw.key
for n in 0 1; do cryptsetup open --key-file /run/raw.key /dev/disk/by-partlabel/rpool$n c$n; done
zpool import -N -d /dev/mapper -R /mnt rpool`,
    120,
  );
  await elsewhere.run(
    `[ "$(zpool status -x)" = 'all pools are healthy' ]
zpool scrub -w rpool
zpool status rpool | grep 'errors: No known data errors'
zfs mount rpool/ROOT/debian
zfs mount rpool/home
zfs load-key -L file:///mnt/root/vault.key rpool/vault
zfs mount rpool/vault`,
    300,
  );
  expect(await elsewhere.run('cd /mnt; sha256sum root/data home/data srv/vault/data')).toBe(sums);
});
