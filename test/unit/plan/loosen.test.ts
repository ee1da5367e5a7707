import { describe, expect, it } from 'vitest';
import { loosen } from '../../../src/plan/loosen.ts';

const ending = { units: new Set(['root-keys.mount', 'dev-mapper-keys.device', 'systemd-cryptsetup@keys.service']), mountPoints: ['/root/keys'] };

const unit = (...lines: string[]) => ({ name: 'systemd-cryptsetup@data.service', text: ['[Unit]', ...lines, '[Service]', 'Type=oneshot'].join('\n') });
const textOf = (...lines: string[]) => loosen({ units: [unit(...lines)], links: [] }, ending)[0]?.text;

describe('a generated unit that needs what ends', () => {
  it('is copied without that, and with all the rest', () => {
    expect(textOf('After=root-keys.mount', 'RequiresMountsFor=/root/keys/more.key', 'BindsTo=dev-sda5.device')).toBe(
      `# A copy without what this unit no longer needs; it is gone with the next boot.
[Unit]
After=root-keys.mount
RequiresMountsFor=/root
BindsTo=dev-sda5.device
[Service]
Type=oneshot
`,
    );
  });

  it('keeps what stands on the same line', () => {
    expect(textOf('Requires=dev-mapper-keys.device a.service')).toMatch(/^Requires=a\.service$/m);
    expect(textOf('Wants=dev-mapper-keys.device')).not.toMatch(/Wants/);
    expect(textOf('RequiresMountsFor="/srv/with space" /root/keys')).toMatch(/^RequiresMountsFor="\/srv\/with space" \/root$/m);
  });

  it('is left alone when it needs something else', () => {
    expect(
      textOf('RequiresMountsFor=/root/keys2/a.key', 'Requires=root-keys2.mount', 'After=root-keys.mount', 'ExecStart=/bin/cat /root/keys/a'),
    ).toBeUndefined();
  });

  it('is left alone when it ends itself', () => {
    const own = { name: 'root-keys.mount', text: 'Requires=dev-mapper-keys.device' };
    expect(loosen({ units: [own], links: [] }, ending)).toEqual([]);
  });
});

it('a link that pulls it in is cut, and no other', () => {
  const link = (from: string, word: 'requires' | 'wants', needed: string) => ({ unit: from, word, needed });
  const links = [
    link('local-fs.target', 'requires', 'root-keys.mount'),
    link('local-fs.target', 'requires', 'srv.mount'),
    link('cryptsetup.target', 'wants', 'systemd-cryptsetup@keys.service'),
    link('dev-mapper-keys.device', 'requires', 'systemd-cryptsetup@keys.service'),
  ];
  expect(loosen({ units: [], links }, ending)).toEqual([
    { name: 'local-fs.target.requires/root-keys.mount' },
    { name: 'cryptsetup.target.wants/systemd-cryptsetup@keys.service' },
  ]);
});

it('what hides a whole place needs nothing above it', () => {
  expect(loosen({ units: [unit('RequiresMountsFor=/keys/a')], links: [] }, { units: new Set(), mountPoints: ['/keys', '/keys/inner'] })[0]?.text).not.toMatch(
    /MountsFor/,
  );
});
