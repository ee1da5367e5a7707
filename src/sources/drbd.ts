import type { BlockDevice, Door, DrbdResource } from '../model/sources.ts';

/** The resources that are up. What they lie on is in no file, so drbdsetup is asked, where there is a volume. */
export function readDrbd(door: Door, blocks: readonly BlockDevice[]): DrbdResource[] {
  return blocks.some(({ kname }) => /^drbd\d+$/.test(kname)) ? parseDrbd(door.answer(['drbdsetup', 'show']) ?? '') : [];
}

/** Understands "drbdsetup show" of DRBD 8.4 and 9: blocks in braces, settings that end in a semicolon, words in quotes or not. */
export function parseDrbd(text: string): DrbdResource[] {
  const found: { name: string; volumes: { minor: string; disk?: string }[] }[] = [];
  const blocks: string[] = [];
  let words: string[] = [];
  for (const [, quoted, plain, sign] of text.matchAll(/"((?:[^"\\]|\\.)*)"|([^\s{};"]+)|([{};])/g)) {
    if (sign === undefined) {
      words.push(quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '');
      continue;
    }
    const [first, second, third] = words;
    words = [];
    const resource = found.at(-1);
    // The peers' volumes have minors as well.
    const isOwn = blocks[1] === '_this_host' && blocks[2] === 'volume';
    if (sign === '}') blocks.pop();
    else if (sign === '{') {
      blocks.push(first ?? '');
      if (first === 'resource' && second !== undefined) found.push({ name: second, volumes: [] });
    } else if (isOwn && first === 'device' && second === 'minor' && third !== undefined) resource?.volumes.push({ minor: third });
    else if (isOwn && first === 'disk' && second !== undefined && second !== 'none') {
      const volume = resource?.volumes.at(-1);
      if (volume) volume.disk = second;
    }
  }
  return found.filter(({ volumes }) => volumes.length > 0 && volumes.every(({ minor }) => /^\d+$/.test(minor)));
}
