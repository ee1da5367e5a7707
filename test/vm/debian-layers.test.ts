import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { installProgram } from './lab/installed.ts';
import { type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';

/** The tree of this host has modules that may have to be compiled first. */
const COMPILING_MS = 3_000_000;

let machine: Machine | undefined;
beforeAll(() => prepareMachine('more'), PREPARATION_MS + COMPILING_MS);
afterEach(() => machine?.stop());

/** As small as VDO goes: its index alone has two and a half gigabytes, of which hardly any is ever written. */
const SMALL = "--config 'allocation/vdo_slab_size_mb=128 allocation/vdo_index_memory_size_mb=256 allocation/vdo_block_map_cache_size_mb=128'";

const WORDS = `
mount_ecryptfs() {
  mount -t ecryptfs -o key=passphrase:passphrase_passwd=pass,ecryptfs_cipher=aes,ecryptfs_key_bytes=16,ecryptfs_passthrough=n,ecryptfs_enable_filename_crypto=n,no_sig_cache \\
    /srv/vdo/.private /srv/ecryptfs >/dev/null
}
add_key() { xfs_io -c add_enckey /srv/fscrypt </root/key; }
`;

/** LUKS and ext4 on a VDO volume of LVM, an eCryptfs of a folder of it, and an ext4 with a folder that fscrypt encrypts. */
const BUILD = `${WORDS}
printf pass >/root/pass
head -c 64 /dev/urandom >/root/key
pvcreate -q "$BIG"
vgcreate -q far "$BIG"
lvcreate -q -y --type vdo -n lv -L 4000M -V 6G ${SMALL} far/pool
cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file /root/pass /dev/far/lv
cryptsetup open --key-file /root/pass /dev/far/lv secret
mkdir -p /srv/vdo /srv/ecryptfs /srv/fscrypt
mke2fs -q -t ext4 -E lazy_itable_init=1,nodiscard /dev/mapper/secret
mount /dev/mapper/secret /srv/vdo
mkdir /srv/vdo/.private
mount_ecryptfs
mke2fs -q -t ext4 -O encrypt "$SMALL"
mount "$SMALL" /srv/fscrypt
mkdir /srv/fscrypt/private
xfs_io -c "set_encpolicy -v 2 $(add_key | sed -n 's/.*identifier //p')" /srv/fscrypt/private
for at in vdo ecryptfs fscrypt/private; do head -c 1000000 /dev/urandom >/srv/$at/data; done
sha256sum /srv/vdo/data /srv/ecryptfs/data /srv/fscrypt/private/data >/root/sums`;

const CLOSED = `[ "$(dmsetup ls)" = "No devices found" ]
! grep -E ' /srv/(vdo|ecryptfs|fscrypt) ' /proc/self/mountinfo`;

const AGAIN = `${WORDS}
vgchange -q -ay far
cryptsetup open --key-file /root/pass /dev/far/lv secret
mount /dev/mapper/secret /srv/vdo
mount_ecryptfs
mount "$SMALL" /srv/fscrypt
# The key went with the unmount: names and contents are those of the disk.
! [ -e /srv/fscrypt/private/data ]
add_key >/dev/null
sha256sum --quiet -c /root/sums`;

it('VDO, eCryptfs and fscrypt are closed live, and in the exitrd', async () => {
  const host = await startMachine('more');
  machine = host;
  const disks = `BIG=${await host.plug(5000)}\nSMALL=${await host.plug(60)}\n`;
  await host.run(disks + BUILD, 300);
  await host.install();
  const report = JSON.parse((await host.try('teardown --yes --json', 300)).out) as Report;
  expect(report.results?.filter(({ outcome }) => outcome !== 'done')).toEqual([]);
  expect(report.left).toEqual([]);
  await host.run(CLOSED);
  await host.run(disks + AGAIN, 120);

  await installProgram(host, { live: false });
  expect((await host.end('systemctl poweroff', 300)).reason).toBe('guest-shutdown');
  expect(host.console()).toContain('everything is closed');
});
