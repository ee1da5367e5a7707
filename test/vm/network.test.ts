import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { type DiskServers, serverWords, startDiskServers } from './lab/disk-servers.ts';
import { installProgram } from './lab/installed.ts';
import { type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';
import { toldOf } from './lab/shutdown-proof.ts';

/** The tree of this host has modules that may have to be compiled first. */
const COMPILING_MS = 3_000_000;

let machine: Machine | undefined;
let servers: DiskServers;
beforeAll(() => prepareMachine('more'), PREPARATION_MS + COMPILING_MS);
beforeEach(async () => {
  servers = await startDiskServers(['lone', 'left', 'right']);
});
afterEach(async () => {
  await machine?.stop();
  await servers.stop();
});

/** Words for the scripts below. */
const WORDS = `set -- $(lsblk -dnro NAME,PTTYPE | sed -n 's/^\\(sd.\\) *$/\\1/p')
printf pass >/root/pass
luks() { cryptsetup luksFormat -q --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file /root/pass "$1"; }
data() { head -c 3000000 /dev/urandom >"$1/data"; }
`;

/**
 * LVM on nbd, md over two nbd, LUKS on iSCSI, LUKS on NVMe over TCP (whose target is the guest's own), DRBD on a disk, NFS and CIFS (served by the guest
 * itself), and a loop device on a file of NFS.
 */
const BUILD = `modprobe nbd max_part=4
udevadm settle
nbd /dev/nbd0 lone
nbd /dev/nbd1 left
nbd /dev/nbd2 right
pvcreate -q /dev/nbd0
vgcreate -q far /dev/nbd0
lvcreate -q -y -n lv -L 40M far
mdadm --create /dev/md/both --run --quiet --level=1 --raid-devices=2 --metadata=1.2 --bitmap=none /dev/nbd1 /dev/nbd2
iscsi=$(iscsi)
luks $iscsi
cryptsetup open --key-file /root/pass $iscsi far-secret
modprobe nvmet-tcp
modprobe nvme-tcp
cd /sys/kernel/config/nvmet
mkdir subsystems/nqn.lab subsystems/nqn.lab/namespaces/1 ports/1
echo 1 >subsystems/nqn.lab/attr_allow_any_host
echo /dev/$1 >subsystems/nqn.lab/namespaces/1/device_path
echo 1 >subsystems/nqn.lab/namespaces/1/enable
echo 127.0.0.1 >ports/1/addr_traddr
echo tcp >ports/1/addr_trtype
echo 4420 >ports/1/addr_trsvcid
echo ipv4 >ports/1/addr_adrfam
ln -s /sys/kernel/config/nvmet/subsystems/nqn.lab ports/1/subsystems/nqn.lab
cd /
nvme connect -t tcp -a 127.0.0.1 -s 4420 -n nqn.lab >/dev/null
until [ -b /dev/nvme0n1 ]; do sleep 0.1; done
luks /dev/nvme0n1
cryptsetup open --key-file /root/pass /dev/nvme0n1 nvme-secret
modprobe drbd
cat >/etc/drbd.d/lab.res <<END
resource lab {
  device /dev/drbd0 minor 0;
  disk /dev/$2;
  meta-disk internal;
  on $(uname -n) { address 127.0.0.1:7789; }
  on elsewhere { address 127.0.0.2:7789; }
}
END
drbdadm create-md --force lab >/dev/null 2>&1
drbdadm up lab
drbdadm primary --force lab
mkdir -p /srv/export /srv/share
echo '/srv/export *(rw,no_root_squash,sync,no_subtree_check,fsid=1)' >/etc/exports
systemctl start nfs-server
printf '[share]\\npath = /srv/share\\nguest ok = yes\\nread only = no\\nforce user = root\\n' >/etc/samba/smb.conf
systemctl start smbd
for at in lv md iscsi nvme drbd nfs cifs loop; do mkdir -p /srv/$at; done
for pair in /dev/far/lv:lv /dev/md/both:md /dev/mapper/far-secret:iscsi /dev/mapper/nvme-secret:nvme /dev/drbd0:drbd; do
  mke2fs -q -t ext4 \${pair%%:*}
  mount \${pair%%:*} /srv/\${pair##*:}
done
mount -t nfs4 127.0.0.1:/srv/export /srv/nfs
mount -t cifs -o guest,vers=3.0 //127.0.0.1/share /srv/cifs
truncate -s 20M /srv/nfs/image
loop=$(losetup -f --show /srv/nfs/image)
mke2fs -q -t ext4 $loop
mount $loop /srv/loop
for at in lv md iscsi nvme drbd nfs cifs loop; do data /srv/$at; done
sha256sum /srv/*/data >/root/sums`;

it('each is taken down live to its last connection, and at a shutdown before the network goes', async () => {
  const host = await startMachine('more');
  machine = host;
  await host.run(serverWords(servers) + WORDS + BUILD, 300);
  await installProgram(host, { live: true });
  const report = JSON.parse((await host.try('teardown /srv/md /srv/iscsi /srv/drbd --yes --json', 300)).out) as Report;
  expect(report.results?.map(({ step, outcome }) => `${outcome} ${step.split(':')[0]}`).sort()).toEqual(
    ['close', 'disconnect', 'disconnect', 'down', 'logout', 'stop', 'umount', 'umount', 'umount'].map((step) => `done ${step}`),
  );
  expect(report.left).toEqual([]);
  await host.run(`! ls /sys/block/nbd1/pid /sys/block/nbd2/pid 2>/dev/null
! ls /sys/class/iscsi_session/session* 2>/dev/null
! ls -d /sys/block/drbd* /sys/block/md* 2>/dev/null`);

  await host.run('systemctl enable --now uninitramfs-network\nsystemctl reload uninitramfs-exitrd');
  // A stop by hand, or by an upgrade, is none of its business.
  await host.run('systemctl restart uninitramfs-network\ncmp /srv/nfs/data /srv/export/data\nmountpoint /srv/lv');
  expect((await host.end('systemctl poweroff', 240)).reason).toBe('guest-shutdown');
  const said = toldOf(host.console());
  const at = (line: string): number => {
    expect(said).toContain(line);
    return said.indexOf(line);
  };
  const networkGoes = at('Stopped lab-network.service');
  for (const done of ['disconnect nbd0', 'close LUKS2 nvme-secret', 'disconnect nqn.lab', 'unmount /srv/cifs', 'unmount /srv/nfs'])
    expect(at(`[  OK  ] ${done}`)).toBeLessThan(networkGoes);
  // systemd's own words have no name before them: it tries /srv/nfs before the loop device on it is gone.
  expect(said).not.toMatch(/: \[ ?(FAILED|HUNG|SKIP)/);
  expect(said).toContain('everything is closed');
});
