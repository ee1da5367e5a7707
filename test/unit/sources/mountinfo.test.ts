import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMountinfo } from '../../../src/sources/mountinfo.ts';
import { decodeOctal } from '../../../src/sources/octal.ts';
import { parseSwaps } from '../../../src/sources/swaps.ts';
import { octal } from '../support/fake-host.ts';

const anyName = fc
  .oneof(
    fc.string({ unit: 'grapheme', maxLength: 30 }),
    fc.string({ unit: fc.constantFrom(' ', '\t', '\n', '\\', '#', '0', '4', "'", '"', '$', '(', 'é'), maxLength: 20 }),
  )
  .map((name) => name.replaceAll('\0', '').replace(/[\ud800-\udfff]/g, ''));

describe('mountinfo', () => {
  it('gives back any name the kernel can have escaped', () => {
    fc.assert(
      fc.property(anyName, anyName, (point, source) => {
        const [mount] = parseMountinfo(`36 35 8:1 / /${octal(point)} rw,relatime shared:1 master:2 - ext4 ${octal(source) || 'none'} rw\n`);
        expect(mount).toMatchObject({ mountpoint: `/${point}`, source: source || 'none', fstype: 'ext4', devno: '8:1', mountId: 36, parentId: 35 });
      }),
    );
  });

  it('decodes escaped bytes of a UTF-8 character as one character', () => {
    expect(decodeOctal('\\303\\251\\040x')).toBe('é x');
    expect(decodeOctal('\\999 \\12 \\')).toBe('\\999 \\12 \\');
  });

  it.each([
    ['garbage', 'hello world'],
    ['a line cut short', '36 35 8:1 / /srv rw,relatime - ext4'],
    ['no separator', '36 35 8:1 / /srv rw,relatime shared:1 ext4 /dev/sda1 rw'],
    ['a relative mount point', '36 35 8:1 / srv rw - ext4 /dev/sda1 rw'],
    ['a number that is none', '3x 35 8:1 / /srv rw - ext4 /dev/sda1 rw'],
  ])('refuses %s, names the line, and says that nothing was touched', (_what, line) => {
    expect(() => parseMountinfo(`36 35 8:1 / / rw - ext4 /dev/sda1 rw\n${line}\n`)).toThrow(/line 2 is not a mount.*Nothing was touched/);
  });

  it('refuses or reads any text, but never crashes otherwise', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const parse of [parseMountinfo, parseSwaps]) {
          try {
            parse(text);
          } catch (error) {
            expect((error as Error).name).toBe('UserError');
          }
        }
      }),
    );
  });
});

describe('swaps', () => {
  it('reads areas and marks deleted files', () => {
    const text = 'Filename\tType\t\tSize\t\tUsed\t\tPriority\n/dev/dm-2 partition\t16380\t\t12\t\t-2\n/swap\\040file\\040(deleted) file 8 0 -3\n';
    expect(parseSwaps(text)).toEqual([
      { path: '/dev/dm-2', type: 'partition', size: 16380, used: 12, deleted: false },
      { path: '/swap file', type: 'file', size: 8, used: 0, deleted: true },
    ]);
  });

  it('refuses a garbled line', () => {
    expect(() => parseSwaps('Filename\n/dev/sda2 partition many\n')).toThrow(/line 2/);
  });
});
