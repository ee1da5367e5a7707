import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EFI_FOLDER, EFI_VARIABLE } from '../../../src/model/receipt.ts';
import { parseReceipt, readReceipt } from '../../../src/sources/receipt.ts';
import { FakeHost } from '../support/fake-host.ts';

const WHOLE = `uninitramfs=1
version=0.1.0
verb=poweroff
boot=11111111-2222-3333-4444-555555555555
uptime=812
time=1795313922
seconds=1.15
closed=6
steps=7
wipe=keys
wiped=yes
left=/srv/a b (ext4) is mounted
left=x=y (dm-3) is open, held by md0
left_more=2
end=1`;

describe('a receipt', () => {
  it('is read as it was written, blanks at its end included', () => {
    const receipt = parseReceipt(`${WHOLE}${' '.repeat(600)}\n`);
    expect(receipt).toEqual({
      version: '0.1.0',
      verb: 'poweroff',
      boot: '11111111-2222-3333-4444-555555555555',
      uptime: 812,
      time: 1795313922,
      seconds: 1.15,
      closed: 6,
      steps: 7,
      wipe: 'keys',
      wiped: 'yes',
      left: ['/srv/a b (ext4) is mounted', 'x=y (dm-3) is open, held by md0'],
      leftMore: 2,
      whole: true,
    });
  });

  it('says of each line that is missing or garbled that it is not known', () => {
    expect(parseReceipt('uninitramfs=1\nseconds=\nclosed=-3\nsteps=7e9\ntime=99999999999999999999\n=\nno line\nend=')).toEqual({
      left: [],
      leftMore: 0,
      whole: false,
    });
  });

  it('is none without its first line', () => {
    for (const text of ['', '\0\0\0', 'end=1', 'uninitramfs=', 'uninitramfs=x\nend=1', `\n\n${WHOLE.slice(14)}`]) expect(parseReceipt(text)).toBeUndefined();
  });

  it('makes nothing fail, wherever it breaks off or whatever is in it', () => {
    for (let length = 0; length < WHOLE.length; length++) expect(parseReceipt(WHOLE.slice(0, length))?.whole ?? false).toBe(false);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat(WHOLE.length), (garbage, at) => {
        const receipt = parseReceipt(WHOLE.slice(0, at) + garbage + WHOLE.slice(at));
        for (const value of Object.values(receipt ?? {})) expect(value === undefined || !Number.isNaN(value)).toBe(true);
      }),
    );
  });

  it('is found where the setting says, behind the attributes of a variable too', () => {
    const host = new FakeHost();
    host.files.set('/boot/a receipt', WHOLE);
    host.files.set(`${EFI_FOLDER}/${EFI_VARIABLE}`, `\x07\0\0\0${WHOLE}`);
    for (const setting of ['/boot/a receipt', 'efi']) expect(readReceipt(host.door(), setting)).toMatchObject({ is: 'found', receipt: { whole: true } });
    expect(readReceipt(host.door(), 'off')).toEqual({ is: 'never' });
    expect(readReceipt(host.door(), '/boot/other')).toEqual({ is: 'none' });
    host.files.set('/boot/a receipt', 'something else');
    expect(readReceipt(host.door(), '/boot/a receipt')).toEqual({ is: 'garbled' });
  });
});
