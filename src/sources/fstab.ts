import type { FstabEntry } from '../model/sources.ts';
import { decodeOctal } from './octal.ts';

/** Parses fstab(5). It only adds caution (what an automount would mount again), so a line that is too short is left out. */
export function parseFstab(text: string): FstabEntry[] {
  return text.split('\n').flatMap((line) => {
    const [spec, mountpoint] = line.trim().split(/\s+/);
    return spec && !spec.startsWith('#') && mountpoint ? [{ spec: decodeOctal(spec), mountpoint: decodeOctal(mountpoint) }] : [];
  });
}
