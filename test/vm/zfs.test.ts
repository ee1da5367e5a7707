import { afterEach, beforeAll, expect, it } from 'vitest';
import type { KeyfileOutcome } from '../../src/model/keyfile.ts';
import type { Report } from '../../src/model/report.ts';
import { installProgram } from './lab/installed.ts';
import { bootMachine, type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';

/** The modules are compiled where they are not in the cache. */
const COMPILING_MS = 3_000_000;

let machine: Machine | undefined;
beforeAll(() => prepareMachine('more'), PREPARATION_MS + COMPILING_MS);
afterEach(() => machine?.stop());

/** LUKS as fast as an emulated processor needs it. */
const LUKS = 'luks() { cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --label "$2" --key-file /root/pass "$1"; open_luks "$@"; }';
const OPEN = 'open_luks() { cryptsetup open --key-file /root/pass "$1" "$2"; }';

/**
 * tank: a mirror of two LUKS devices with a log and a cache, swap on a volume, a dataset with a key of its own, whose file lies on the small LUKS
 * device `keys`. inner: on LUKS on a volume of tank. looped: raidz on loop devices. filed: on a file.
 */
const BUILD = `${OPEN}
${LUKS}
printf pass >/root/pass
set -- $(lsblk -dnro NAME,PTTYPE | sed -n 's/^\\(sd.\\) *$/\\1/p')
printf ',80M\\n,80M\\n,\\n' | sfdisk -q --label gpt /dev/$3
udevadm settle
luks /dev/$1 z0
luks /dev/$2 z1
luks /dev/\${3}3 keys
mke2fs -q -t ext4 /dev/mapper/keys
mkdir -p /keys
mount /dev/mapper/keys /keys
head -c 32 /dev/urandom >/keys/secret.key
zpool create -O mountpoint=/srv/tank tank mirror /dev/mapper/z0 /dev/mapper/z1 log /dev/\${3}1 cache /dev/\${3}2
zfs create -o encryption=on -o keyformat=raw -o keylocation=file:///keys/secret.key tank/secret
zfs create tank/'with a space'
zfs create -s -V 32M tank/swap
zfs create -s -V 120M tank/vol
udevadm settle
mkswap -q /dev/zvol/tank/swap
swapon /dev/zvol/tank/swap
luks /dev/zvol/tank/vol inner-crypt
zpool create -O mountpoint=/srv/inner inner /dev/mapper/inner-crypt
mkdir -p /var/images
for n in 1 2 3 4; do truncate -s 80M /var/images/$n; done
zpool create -O mountpoint=/srv/looped looped raidz $(for n in 1 2 3; do losetup -f --show /var/images/$n; done)
zpool create -O mountpoint=/srv/filed filed /var/images/4
for place in tank tank/secret 'tank/with a space' inner looped filed; do head -c 100000 /dev/urandom >"/srv/$place/data"; done
sha256sum /srv/*/data /srv/tank/*/data >/root/sums`;

const AGAIN = `${OPEN}
modprobe zfs
for name in z0 z1 keys; do open_luks "$(blkid -L $name)" $name; done
mount /dev/mapper/keys /keys
zpool import -l -d /dev/mapper -d /dev tank
udevadm settle
open_luks /dev/zvol/tank/vol inner-crypt
zpool import -d /dev/mapper inner
for n in 1 2 3; do losetup -f /var/images/$n; done
zpool import -d /dev looped
zpool list filed >/dev/null 2>&1 || zpool import -d /var/images filed
sha256sum --quiet -c /root/sums
zpool status -x | grep -x 'all pools are healthy'`;

const CLOSED = `[ "$(zpool list -H)" = "" ]
[ "$(dmsetup ls)" = "No devices found" ]
[ "$(wc -l </proc/swaps)" = 1 ]
[ -z "$(losetup -l -n)" ]`;

it('pools on LUKS, on loop devices, on a file and on each other are exported live, and import again without force', async () => {
  const host = await startMachine('more');
  machine = host;
  await host.install();
  await host.run(BUILD, 300);

  const keyfiles = JSON.parse((await host.try('uninitramfs keyfiles --json', 60)).out) as KeyfileOutcome[];
  expect(keyfiles).toMatchObject([{ name: 'keys', opens: ['tank/secret'], is: 'open' }]);
  const closed = JSON.parse((await host.try('uninitramfs keyfiles --close --json', 120)).out) as KeyfileOutcome[];
  expect(closed).toMatchObject([{ name: 'keys', is: 'closed' }]);
  await host.run('! test -e /dev/mapper/keys\n! mountpoint -q /keys\nsha256sum --quiet -c /root/sums\ntouch /srv/tank/secret/after');

  const report = JSON.parse((await host.try('teardown --yes --json', 300)).out) as Report;
  expect(report.results?.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
  expect(report.left).toEqual([]);
  await host.run(CLOSED);
  await host.run(AGAIN, 120);
});

it('a shutdown exports them in the exitrd; the next boot imports by itself what it can, and the rest needs no force', async () => {
  const first = await startMachine('more');
  machine = first;
  await first.run(BUILD, 300);
  await installProgram(first, { live: true });
  expect((await first.end('systemctl poweroff', 240)).reason).toBe('guest-shutdown');
  const said = first.console();
  for (const pool of ['tank', 'inner', 'looped', 'filed']) expect(said).toMatch(new RegExp(`OK {2}\\] export pool ${pool}`));
  expect(said).toContain('everything is closed');
  await first.off();

  const second = await bootMachine('more', first.folder);
  machine = second;
  // Its file lies on the root, so that zfs-import-cache.service finds it.
  await second.run('zpool list filed');
  await second.run(AGAIN, 120);
});
