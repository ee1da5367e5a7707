import { UserError } from '../model/errors.ts';
import type { Door, Mount } from '../model/sources.ts';
import { decodeOctal } from './octal.ts';

/**
 * Parses /proc/PID/mountinfo (proc_pid_mountinfo(5); kernel: fs/proc_namespace.c).
 * @throws UserError naming the line, when one is not of the documented form: acting on half a table could close the wrong thing.
 */
export function parseMountinfo(text: string, where = '/proc/self/mountinfo'): Mount[] {
  const mounts: Mount[] = [];
  let number = 0;
  for (const line of text.split('\n')) {
    number++;
    if (line === '') continue;
    mounts.push(parseLine(line, `${where} line ${number}`));
  }
  return mounts;
}

/** The mounts a process sees; none when its table cannot be read or understood, since it only names who is in the way. */
export function mountsOf(door: Door, pid: number): Mount[] {
  try {
    return parseMountinfo(door.text(`/proc/${pid}/mountinfo`) ?? '');
  } catch {
    return [];
  }
}

function parseLine(line: string, where: string): Mount {
  const fields = line.split(' ');
  const dash = fields.indexOf('-', 6);
  const [mountId, parentId, devno, fsRoot, mountpoint, options] = fields;
  const [fstype, source, superOptions] = dash < 0 ? [] : fields.slice(dash + 1);
  if (
    !/^\d+$/.test(mountId ?? '') ||
    !/^\d+$/.test(parentId ?? '') ||
    !/^\d+:\d+$/.test(devno ?? '') ||
    !mountpoint?.startsWith('/') ||
    fstype === undefined ||
    source === undefined
  ) {
    throw new UserError(`${where} is not a mount: "${line.slice(0, 60)}". Nothing was touched; report it with a capture`);
  }
  return {
    mountId: Number(mountId),
    parentId: Number(parentId),
    devno: devno as string,
    fsRoot: decodeOctal(fsRoot as string),
    mountpoint: decodeOctal(mountpoint),
    options: options as string,
    propagation: fields.slice(6, dash),
    fstype,
    source: decodeOctal(source),
    superOptions: decodeOctal(superOptions ?? ''),
  };
}
