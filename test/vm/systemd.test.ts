import { afterEach, expect, it } from 'vitest';
import { bootGuest, type Guest } from './lab/uml.ts';

/** What needs systemd as PID 1: automounts, and units in the way. */
let guest: Guest | undefined;
afterEach(() => guest?.stop());

it('stops an automount before its device closes, names units in the way, and stops them when told', async () => {
  guest = await bootGuest({ memory: '2G', systemd: true });
  await guest.run(
    `. /lab/hosts/layers.sh
ground
luks /dev/sda1 auto
mke2fs -q -t ext4 /dev/mapper/auto
mke2fs -q -t ext4 /dev/sda2
mkdir -p /srv/auto-mnt /srv/idle /srv/held
for name in 'srv-auto\\x2dmnt /srv/auto-mnt' 'srv-idle /srv/idle'; do
  set -- $name
  printf '[Mount]\\nWhat=/dev/mapper/auto\\nWhere=%s\\n' "$2" >"/run/systemd/system/$1.mount"
  printf '[Automount]\\nWhere=%s\\n' "$2" >"/run/systemd/system/$1.automount"
done
systemctl daemon-reload
systemctl start 'srv-auto\\x2dmnt.automount' srv-idle.automount
ls /srv/auto-mnt >/dev/null
mount /dev/sda2 /srv/held
systemd-run --quiet --unit=holder -p WorkingDirectory=/srv/held sleep 1000
systemd-run --quiet --unit=stubborn -p WorkingDirectory=/srv/held -p SendSIGKILL=no -p TimeoutStopSec=1 sh -c 'trap "" TERM; while :; do sleep 1; done'
sleep 1`,
    120,
  );
  const dry = await guest.run('teardown --dry-run');
  expect(dry).toMatch(/\/srv\/held is in use by .*sleep \(pid \d+, holder\.service; cwd \/srv\/held\)/);
  expect(dry).toContain('fix: systemctl stop holder.service stubborn.service, or run with --kill');

  const first = await guest.try('teardown --yes');
  expect(first.code).toBe(1);
  expect(first.out).toMatch(/SKIP.*unmount \/srv\/held: .*holder\.service/);
  expect(first.out).toMatch(/OK.*stop the automount of \/srv\/idle/);
  const order = ['unmount /srv/auto-mnt', 'stop the automount of /srv/auto-mnt', 'close LUKS2 auto'].map((title) => first.out.indexOf(title));
  expect(order).toEqual([...order].sort((a, b) => a - b));
  expect(await guest.run('grep -c " /srv/.* autofs " /proc/self/mountinfo || true')).toBe('0\n');
  expect((await guest.try('systemctl is-active holder')).out).toBe('active\n');

  const second = await guest.try('teardown --yes --kill', 180);
  expect(second.out).toContain('stopping holder.service');
  expect(second.out).toMatch(/SIGKILL to sh \(pid \d+, stubborn\.service\)/);
  expect(second.code).toBe(0);
  expect(await guest.run('. /lab/hosts/lib.sh\nclosed')).toContain('all closed');
});
