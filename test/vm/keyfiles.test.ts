import { closeSync, openSync } from 'node:fs';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { KeyfileOutcome } from '../../src/model/keyfile.ts';
import { ensureHostImage } from './lab/host-image.ts';
import { bootMachine, type Machine, PREPARATION_MS, prepareMachine, startMachine } from './lab/machine.ts';
import { hostSecrets } from './residue/host-secrets.ts';
import type { Secrets } from './residue/needles.ts';
import { typePassphrase } from './residue/plant.ts';
import { hitsOf, residueIn } from './residue/residue.ts';

/** The nas opens its disks by files on `keys`; `keys01` and `keys02` hold copies of them, which only an administrator can know. */
let machine: Machine | undefined;
beforeAll(async () => {
  await prepareMachine('nas');
  await prepareMachine('keyfile-mirror');
}, 2 * PREPARATION_MS);
afterEach(() => machine?.stop());

const CONFIGURE = `mkdir -p /etc/uninitramfs
echo 'keyfile_devices = ["keys01", "keys02"]' >/etc/uninitramfs/uninitramfs.toml
ln -sf /usr/lib/uninitramfs/dist/uninitramfs.cjs /usr/sbin/uninitramfs`;

/** Reads and writes on what the keys opened, until it is told to stop; the first error ends it. */
const LOAD = `cat >/run/load.sh <<'END'
set -e
while [ ! -e /run/enough ]; do
  for place in /root /srv/main_backup; do
    head -c 200000 /dev/urandom >$place/load
    sync -f $place/load
    cmp $place/load $place/load
  done
  echo . >>/run/rounds
done
echo well >/run/ended
END
systemd-run --quiet --unit=load sh /run/load.sh`;

const states = async (host: Machine, flags: string) => {
  const { out } = await host.try(`uninitramfs keyfiles --json ${flags}`, 300);
  return Object.fromEntries((JSON.parse(out) as KeyfileOutcome[]).map((each) => [each.name, each.is]));
};

const hitsIn = (host: Machine, secrets: Secrets) => {
  const memory = openSync(host.ram ?? '', 'r');
  try {
    return hitsOf(residueIn(memory, secrets), ['key files', 'passphrase']);
  } finally {
    closeSync(memory);
  }
};

it('closes what only held keys, takes its traces out of memory, and disturbs nothing that was opened by it', async () => {
  const secrets = { ...(await hostSecrets(await ensureHostImage('nas', () => undefined))), markers: [], decoys: [] };
  const host = await startMachine('nas', { ram: true });
  machine = host;
  await host.install();
  await host.run(CONFIGURE);
  await host.run(LOAD);
  await typePassphrase(host);
  await host.run('cat /root/keys/*/*.key >/dev/null || true');
  expect(hitsIn(host, secrets)).toEqual({ 'key files': expect.any(Number), passphrase: expect.any(Number) });
  expect(await states(host, '')).toEqual({ keys: 'open', keys01: 'open', keys02: 'open' });

  // Somebody works there: it is left alone, and named.
  await host.run('systemd-run --quiet --unit=reader -p Type=exec -p WorkingDirectory=/root/keys/disk01 sleep 1000');
  expect(await states(host, '--close --scrub 95')).toEqual({ keys: 'closed', keys01: 'in use', keys02: 'closed' });
  expect((await host.try('uninitramfs keyfiles --close')).out).toMatch(/^in use {2}keys01: in use by sleep \(pid \d+, reader\.service[;)]/m);
  await host.run('systemctl stop reader');
  expect(await states(host, '--close --scrub 95')).toEqual({ keys01: 'closed' });
  expect(await states(host, '--close')).toEqual({});
  // Nor does systemd wait for them, when what was opened by them is asked for again.
  await host.run(`systemctl is-active local-fs.target cryptsetup.target srv-main_backup.mount systemd-cryptsetup@bak00
systemd-run --quiet --wait -p RequiresMountsFor=/srv/main_backup true
[ -z "$(systemctl list-jobs --no-legend)" ]
[ -z "$(systemctl --failed --no-legend)" ]`);
  expect(await host.run('ls /dev/mapper')).not.toMatch(/keys/);
  expect(hitsIn(host, secrets)).toEqual({});
  await host.run(
    'touch /run/enough; until [ -e /run/ended ] || systemctl is-failed -q load; do sleep 0.2; done; grep -qx well /run/ended; test -s /run/rounds',
  );
});

it('waits for a device that is missing, and goes on without it when it need not be there', async () => {
  const host = await startMachine('nas');
  machine = host;
  await host.install();
  await host.run(CONFIGURE);
  await host.run("echo 'gone /dev/disk/by-partlabel/gone /root/keys/disk00/more.key luks' >>/etc/crypttab");
  expect(await states(host, '--close --wait 2')).toEqual({ keys: 'waits', keys01: 'closed', keys02: 'closed' });
  await host.run("sed -i 's/^gone .*luks/&,nofail/' /etc/crypttab");
  // As the unit does it after a boot.
  await host.run(`sed 's/--wait 90/--wait 3/' /usr/lib/uninitramfs/systemd/uninitramfs-keyfiles.service >/etc/systemd/system/uninitramfs-keyfiles.service
systemctl daemon-reload
systemctl start uninitramfs-keyfiles
while systemctl is-active -q uninitramfs-keyfiles; do sleep 0.2; done
systemctl show -p Result uninitramfs-keyfiles | grep -x Result=success`);
  expect(await host.run('journalctl -q -o cat -u uninitramfs-keyfiles')).toMatch(/waiting for gone[\s\S]*closed {2}keys, which holds the key of/);
  expect(await states(host, '')).toEqual({});
});

it('closes a raw device after each boot, with the array that only it was using', async () => {
  const secrets = { ...(await hostSecrets(await ensureHostImage('keyfile-mirror', () => undefined))), markers: [], decoys: [] };
  const first = await startMachine('keyfile-mirror', { ram: true });
  machine = first;
  await first.install();
  await first.run('cat /dev/mapper/keyfile >/dev/null');
  await typePassphrase(first);
  expect(hitsIn(first, secrets)).toEqual({ 'key files': expect.any(Number), passphrase: expect.any(Number) });
  expect(await states(first, '')).toEqual({ keyfile: 'open' });
  expect(await states(first, '--close --scrub 95')).toEqual({ keyfile: 'closed' });
  expect(hitsIn(first, secrets)).toEqual({});
  await first.run('systemctl enable --quiet /usr/lib/uninitramfs/systemd/uninitramfs-keyfiles.service /usr/lib/uninitramfs/systemd/uninitramfs-exitrd.service');
  expect((await first.end('systemctl poweroff', 120)).reason).toBe('guest-shutdown');
  await first.off();

  const second = await bootMachine('keyfile-mirror', first.folder, { ram: true });
  machine = second;
  await second.run('while [ "$(systemctl is-active uninitramfs-keyfiles)" = active ]; do sleep 0.5; done');
  expect(await second.run('journalctl -q -o cat -u uninitramfs-keyfiles')).toMatch(
    /closed {2}keyfile, which holds the key of rpool-crypt0, rpool-crypt1, data/,
  );
  await second.run(`[ ! -e /dev/mapper/keyfile ]
[ ! -e /sys/block/md1 ]
systemctl is-active cryptsetup.target local-fs.target srv-data.mount
systemd-run --quiet --wait -p RequiresMountsFor=/srv/data true
[ -z "$(systemctl list-jobs --no-legend)" ]
[ -z "$(systemctl --failed --no-legend)" ]
[ "$(systemctl is-system-running --wait)" = running ]`);
  expect(hitsIn(second, secrets)).toEqual({});
});
