import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapePath } from '../../../src/layers/autofs.ts';
import { layerPaths } from '../../../src/layers/overlay.ts';
import { asJson, printable, quoteWord } from '../../../src/render/words.ts';
import { parseCrypttab } from '../../../src/sources/crypttab.ts';
import { splitLvmName } from '../../../src/sources/lvm-name.ts';
import { nastyName } from '../support/random-host.ts';

describe('names', () => {
  it('takes LVM names apart, whatever dashes they hold', () => {
    const part = fc
      .string({ unit: fc.constantFrom('a', 'b', '-', '_', '.', '9'), minLength: 1, maxLength: 10 })
      .filter((name) => !name.startsWith('-') && !name.endsWith('-') && !/^\.{1,2}$/.test(name));
    fc.assert(
      fc.property(part, part, fc.constantFrom('', 'real', 'cow', 'tpool'), (vg, lv, layer) => {
        const double = (name: string) => name.replaceAll('-', '--');
        expect(splitLvmName([double(vg), double(lv), ...(layer ? [layer] : [])].join('-'))).toEqual({ vg, lv, layer });
      }),
    );
  });

  it('quotes for bash what bash gives back unchanged', () => {
    const words = fc.sample(nastyName, { numRuns: 300, seed: 7 });
    const script = words.map((word) => `printf '%s\\0' ${quoteWord(word)}`).join('\n');
    expect(execFileSync('bash', ['-c', script], { encoding: 'utf8' }).split('\0').slice(0, -1)).toEqual(words);
  });

  it('lets no control character and no direction override through to a terminal', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(asJson([text])).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(JSON.parse(asJson([text]))).toEqual([text]);
      }),
    );
  });

  it('escapes paths as systemd-escape --path does', () => {
    expect(escapePath('/srv/auto-mnt')).toBe('srv-auto\\x2dmnt');
    expect(escapePath('/')).toBe('-');
    expect(escapePath('/.hidden/a b/é')).toBe('\\x2ehidden-a\\x20b-\\xc3\\xa9');
  });

  it('finds the layers of an overlay, escaped characters included', () => {
    expect(layerPaths('rw,lowerdir=/a\\:b:/c\\,d,upperdir=/u,workdir=/w,index=off')).toEqual(['/a:b', '/c,d', '/u', '/w']);
  });

  it('reads crypttab and leaves out what is no entry', () => {
    expect(parseCrypttab('# c\n\nkeys /dev/sda2 none luks,initramfs\nshort\nx  UUID=1 /k/x.key')).toEqual([
      { name: 'keys', device: '/dev/sda2', key: undefined, options: ['luks', 'initramfs'] },
      { name: 'x', device: 'UUID=1', key: '/k/x.key', options: [] },
    ]);
  });
});
