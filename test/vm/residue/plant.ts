import { createHash, randomBytes } from 'node:crypto';
import type { Machine } from '../lab/machine.ts';

/** In each file: with two or more of them, more plaintext than stays in one place by chance. */
const LINES = 60_000;

/**
 * Fills a file on each of these encrypted file systems with lines that nothing else holds, and has them written out: what is then in memory
 * is the page cache's copy. The guest gets only what the marker is the sum of, so that no copy of it lies in the lab's own script or port.
 * @returns the marker.
 */
export async function plantMarkers(machine: Machine, folders: readonly string[]): Promise<Buffer> {
  const base = randomBytes(16).toString('hex');
  const lines = `awk '{ m = substr($1, 1, 32); for (n = 0; n < ${LINES}; n++) print "uninitramfs-marker-" m "-" n }'`;
  for (const folder of folders) await machine.run(`printf %s ${base} | sha256sum | ${lines} >'${folder}/marked'\nsync -f '${folder}/marked'`, 120);
  return Buffer.from(createHash('sha256').update(base).digest('hex').slice(0, 32));
}

/**
 * Has the passphrase typed at a prompt of systemd's, as it is where systemd unlocks a disk: that leaves it in the terminal's buffer and,
 * for two and a half minutes, in the kernel's keyring. What cryptsetup-initramfs asks for at boot is overwritten by the time a host is idle, so
 * that without this nothing would show that a passphrase in memory is found.
 */
export async function typePassphrase(machine: Machine): Promise<void> {
  await machine.run(
    `systemctl stop serial-getty@ttyS0
setsid -c systemd-ask-password --keyname=cryptsetup 'Please enter passphrase for disk control:' </dev/ttyS0 >/dev/null 2>/dev/ttyS0
systemctl start serial-getty@ttyS0`,
    60,
  );
}
