import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { buildPackage } from '../../src/build/debian/package.ts';
import { ensureDracutBoot, luksArguments } from './lab/dracut-boot.ts';
import { ensureHostImage } from './lab/host-image.ts';
import { type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));

let machine: Machine | undefined;
beforeAll(() => prepareMachine('rented-server'), PREPARATION_MS);
afterEach(() => machine?.stop());

const APT = 'DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0';
const UNITS = ['exitrd', 'network', 'teardown', 'missing', 'keyfiles'].map((name) => `uninitramfs-${name}.service`).join(' ');
/** What stands must stand afterwards as before. */
const STACK = 'dmsetup table; findmnt -lno TARGET,SOURCE | grep -v initramfs; cat /proc/mdstat /proc/swaps';
const HAS_EXITRD = `test -x /run/initramfs/shutdown
uninitramfs exitrd verify >/dev/null
systemctl is-active uninitramfs-exitrd uninitramfs-network`;

/** As /srv/pkg/first.deb. */
async function bringPackage(host: Machine): Promise<void> {
  // The lab's own words for the program are in its way.
  await host.run('rm /usr/sbin/teardown /usr/sbin/uninitramfs\nmkdir -p /srv/pkg');
  const folder = mkdtempSync(join(tmpdir(), 'uninitramfs-deb-'));
  try {
    await host.run('cat >/srv/pkg/first.deb', 60, readFileSync(buildPackage(PROJECT, folder)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

it('apt installs, upgrades, removes and purges it, and nothing that is open notices', async () => {
  const host = await startMachine('rented-server');
  machine = host;
  await bringPackage(host);
  await host.run(`cd /srv/pkg
dpkg-deb -R first.deb next
sed -i 's/^Version: .*/Version: 99.0/' next/DEBIAN/control
dpkg-deb -Znone -b next next.deb`);
  const before = await host.run(STACK);
  const isEnabled = async () => (await host.try(`systemctl is-enabled ${UNITS}`)).out.trim().split('\n');

  await host.run(`${APT} install /srv/pkg/first.deb`, 240);
  expect(await isEnabled()).toEqual(['enabled', 'enabled', 'enabled', 'enabled', 'disabled']);
  await host.run(HAS_EXITRD);
  expect(await host.run('teardown --dry-run')).toContain('close LUKS2 cryptroot');

  // The administrator's choices stand.
  await host.run(`systemctl disable uninitramfs-teardown
systemctl enable uninitramfs-keyfiles
mkdir -p /etc/uninitramfs
echo 'wipe = "off"' >/etc/uninitramfs/uninitramfs.toml`);
  // Each tree lies in a tmpfs of its own.
  const tree = 'stat -c %d /run/initramfs';
  const old = await host.run(tree);
  await host.run(`${APT} install /srv/pkg/next.deb`, 240);
  await host.run(HAS_EXITRD);
  expect(await host.run(tree)).not.toBe(old);
  expect(await host.run('dpkg -s uninitramfs')).toContain('Version: 99.0');
  expect(await isEnabled()).toEqual(['enabled', 'enabled', 'disabled', 'enabled', 'enabled']);

  await host.run(`${APT} remove uninitramfs
! test -e /run/initramfs/shutdown
! test -e /usr/sbin/teardown
! systemctl cat ${UNITS} >/dev/null 2>&1
grep -q off /etc/uninitramfs/uninitramfs.toml`);
  await host.run(`${APT} install /srv/pkg/next.deb`, 240);
  expect(await isEnabled()).toEqual(['enabled', 'enabled', 'disabled', 'enabled', 'enabled']);
  await host.run(`${APT} purge uninitramfs
! test -e /run/initramfs/shutdown
! find /etc/systemd /var/lib/systemd /var/lib/uninitramfs -name '*uninitramfs*' 2>/dev/null | grep .
grep -q off /etc/uninitramfs/uninitramfs.toml
rm -r /etc/uninitramfs
systemctl is-system-running`);
  expect(await host.run(STACK)).toBe(before);

  await host.run(`${APT} install /srv/pkg/first.deb`, 240);
  expect((await host.end('systemctl poweroff')).reason).toBe('guest-shutdown');
  expect(host.console()).toContain('everything is closed');
});

it('where dracut made the initramfs, and has a shutdown of its own, this one is entered', { timeout: 900_000 }, async () => {
  const image = await ensureHostImage('rented-server', () => undefined);
  const dracut = await ensureDracutBoot(() => undefined);
  const kernelArgs = `rd.auto=1 ${await luksArguments(image, 'cryptroot')} luks.crypttab=no`;
  const host = await startMachine('rented-server', { from: { ...image, initrd: dracut.initrd }, kernelArgs });
  machine = host;
  await host.run(
    'test -e /run/initramfs/.need_shutdown\ntar -C / -x --keep-directory-symlink\nsystemctl daemon-reload\nsystemctl start dracut-shutdown',
    60,
    readFileSync(dracut.root),
  );
  await bringPackage(host);
  await host.run(`${APT} install /srv/pkg/first.deb`, 240);
  await host.run(HAS_EXITRD);
  expect(await host.run('teardown --dry-run')).toContain('dracut-shutdown.service also claims /run/initramfs: ours is there and wins');
  expect((await host.end('systemctl poweroff')).reason).toBe('guest-shutdown');
  expect(host.console()).toContain('everything is closed');
});
