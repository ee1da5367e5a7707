import type { Door } from '../model/sources.ts';

/** A wrong end of a file system shows as these: the kernel's words, and those of fsck, which often comes before the kernel. */
const JOURNAL = ['journalctl', '-b', '--no-pager', '-q', '-o', 'json', '--output-fields=MESSAGE', '_TRANSPORT=kernel', '+', 'SYSLOG_IDENTIFIER=systemd-fsck'];
/** Where initramfs-tools keeps what fsck said of the root. */
const INITRAMFS_FSCK = '/run/initramfs/fsck.log';

/** What was said at this boot by the kernel and by fsck, a line each; undefined where this user may not read it, or nobody kept it. */
export function readBootLog(door: Door): string[] | undefined {
  const journal = door.answer(JOURNAL)?.split('\n').flatMap(messageOf) ?? [];
  const kernel = journal.length > 0 ? journal : (door.answer(['dmesg'])?.split('\n').filter(Boolean) ?? []);
  return kernel.length === 0 ? undefined : [...kernel, ...(door.text(INITRAMFS_FSCK)?.split('\n') ?? [])];
}

/** A message that is no text is a list of bytes (systemd: docs/JOURNAL_EXPORT_FORMATS.md). */
function messageOf(line: string): string[] {
  try {
    const { MESSAGE: message } = JSON.parse(line) as { MESSAGE?: unknown };
    if (typeof message === 'string') return message.split('\n');
    return Array.isArray(message) ? [Buffer.from(message as number[]).toString()] : [];
  } catch {
    return [];
  }
}
