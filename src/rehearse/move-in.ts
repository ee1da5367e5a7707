import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { shellWord as quote } from '../model/quote.ts';
import type { Sources } from '../model/sources.ts';
import type { Guest } from './guest.ts';
import { ROOT } from './recipe.ts';

/** The miniature gets the program, the host's tables, and PID 1. */
export async function moveIn(guest: Guest, program: string, src: Sources): Promise<void> {
  const folder = ROOT + program;
  for (const table of ['crypttab', 'fstab']) writeFileSync(join(guest.share, table), src.door.text(`/etc/${table}`) ?? '');
  await guest.run(
    `mkdir -p ${quote(folder)} /run/rehearsal ${ROOT}/etc /usr/lib/systemd/system-shutdown
cp -r /lab/program/. ${quote(folder)}/
cp "$(readlink -f /bin/sh)" ${quote(`${folder}/init`)}
cp /lab/shell/pid1.sh ${quote(`${folder}/`)}
cp /lab/shell/open.sh /lab/shell/handover.sh /lab/shell/handover-plain.sh /lab/shell/enter.sh /run/rehearsal/
cp /lab/shell/hook.sh /usr/lib/systemd/system-shutdown/rehearsal
chmod 755 /usr/lib/systemd/system-shutdown/rehearsal
cp /lab/crypttab /lab/fstab ${ROOT}/etc/
printf '%s\\n' ${quote(program)} >/run/program
echo /run/rehearsal/enter.sh >/run/pid1
n=0
until [ -e /proc/1/root${quote(`${program}/init`)} ]; do n=$((n + 1)); [ $n -lt 100 ] || exit 1; sleep 0.05; done
udevadm settle`,
    60,
  );
  await forgetSecrets(guest);
}

/** The key was here to build with. On a host it is typed at boot, so what this left in freed memory would be no finding of its own. */
async function forgetSecrets(guest: Guest): Promise<void> {
  await guest.run(
    `dd if=/dev/zero of=/run/rehearsal/key bs=64 count=1 conv=notrunc status=none
rm /run/rehearsal/key
sync
echo 3 >/proc/sys/vm/drop_caches
mkdir -p /run/rehearsal/scrub
while read -r word kilobytes _; do [ "$word" = MemAvailable: ] && break; done </proc/meminfo
mount -t tmpfs -o size=100% tmpfs /run/rehearsal/scrub
dd if=/dev/zero of=/run/rehearsal/scrub/zeros bs=1M count=$((kilobytes / 1024 - 48)) status=none
umount /run/rehearsal/scrub`,
    60,
  );
}
