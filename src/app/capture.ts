import { captureEntries } from '../capture/entries.ts';
import { recordingDoor } from '../capture/recorder.ts';
import { writeCapture } from '../capture/write.ts';
import { openDoor } from '../sources/door.ts';
import { auditThrough } from './audit.ts';

export interface Captured {
  readonly target: string;
  readonly files: number;
}

/**
 * Saves what this program reads of the host, so that `--sysroot` gives the same answers elsewhere. No secret goes in: no
 * key, no password of a mount option, no file name that a process has open.
 * @param target a folder, or a name ending in .tar, .tar.gz or .tgz; by default uninitramfs-HOST.tar here.
 */
export async function capture(target: string | undefined, sysroot: string | undefined): Promise<Captured> {
  const recorder = recordingDoor(openDoor(sysroot));
  const read = auditThrough(recorder.door, []);
  const { src } = read;
  for (const block of src.blocks) src.udevLinks(block.kname);
  src.fstab();
  const entries = captureEntries(recorder.entries, read);
  const place = target ?? `uninitramfs-${src.host.replace(/[^\w.-]/g, '_')}.tar`;
  await writeCapture(place, entries);
  return { target: place, files: [...entries.values()].filter((entry) => entry.is === 'file').length };
}
