import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { DEFAULTS, SETTINGS } from '../../../src/model/config.ts';
import { nearest } from '../../../src/model/nearest.ts';
import { inToml } from '../../../src/model/toml.ts';
import { configured, readConfig } from '../../../src/sources/config.ts';
import { FakeHost } from '../support/fake-host.ts';

const MAIN = '/etc/uninitramfs/uninitramfs.toml';
const RUN = '/run/uninitramfs/uninitramfs.toml';

function hostWith(files: Record<string, string>) {
  const host = new FakeHost();
  for (const [path, text] of Object.entries(files)) host.files.set(path, text);
  return host;
}

function configuredBy(text: string) {
  return () => readConfig(hostWith({ [MAIN]: text }).door());
}

describe('the configuration', () => {
  it('has defaults, and every key is optional', () => {
    expect(readConfig(new FakeHost().door())).toEqual(DEFAULTS);
    expect(configuredBy('# nothing\n')()).toEqual(DEFAULTS);
    expect(configuredBy('wipe = "memory"\n')()).toMatchObject({ wipe: 'memory' });
  });

  it.each(Object.entries(SETTINGS))('%s has a default that it takes itself, and fits on 80 columns', (_key, { schema, fallback, takes, about }) => {
    expect(schema.safeParse(fallback)).toMatchObject({ success: true });
    for (const line of [`# ${about}`, `# It can be ${takes}.`]) expect(line.length).toBeLessThanOrEqual(80);
  });

  it.each([
    ['wipe = memory', /^\/etc\/uninitramfs\/uninitramfs\.toml, line 1: .*\(a setting looks like this: wipe = "memory"\)$/],
    ['wipe: off # now', /line 1: .*\(a setting looks like this: wipe = "off"\)$/],
    ['wipe = "off"\nwipe = "keys"', /line 2: .*\(a key can be there once\)$/],
    ['\n\n[[[', /line 3: .*\(a setting looks like this: wipe = "keys"\)$/],
    ['# all\nwipe = "al"', /^\/etc\/uninitramfs\/uninitramfs\.toml, line 2: wipe is "al"; it can be "keys", "memory", "off"$/],
    ['wipe = ["keys"]', /line 1: wipe is \["keys"\]; it can be/],
    ['wipe = -inf', /wipe is -inf; it can be/],
    ['\n[wipe]\nlevel = "keys"', /line 2: wipe is \{…\}; it can be/],
    ['keyfile_devices = "keys"', /keyfile_devices is "keys"; it can be a list of names, such as \["keys"/],
    ['keyfile_devices = [\n  "a",\n  "",\n]', /line 1: keyfile_devices is \["a", ""\]; it can be a list of names/],
    [`keyfile_devices = "${'x'.repeat(500)}"`, /keyfile_devices is "x{59}…; it can be/],
    ['wipe = "off"\nwype = "keys"', /line 2: there is no setting called "wype" \(did you mean wipe\?\)/],
    ['keyfile-devices = []', /"keyfile-devices" \(did you mean keyfile_devices\?\)/],
    ['colour = 1', /there is no setting called "colour" \(there is wipe, keyfile_devices, never_touch, .*exitrd_after\)/],
    ['__proto__ = 1', /there is no setting called "__proto__"/],
    ['constructor.name = 1', /there is no setting called "constructor"/],
  ])('%j is refused with the line and what would be right', (text, message) => {
    expect(configuredBy(text)).toThrow(message);
  });

  it('gives a value or a user error for any text', () => {
    const key = fc.constantFrom('wipe', 'keyfile_devices', 'wype', '"__proto__"', 'constructor', 'wipe.a', '[wipe]', '[[keyfile_devices]]');
    const value = fc.constantFrom(
      '"keys"',
      '"off"',
      '[]',
      '["a"]',
      '[1, {a.b = 2}]',
      '1979-05-27',
      'nan',
      '0x1',
      '"""\n"""',
      '{}',
      '"\\uD800"',
      '"\\UFFFFFFFF"',
    );
    const almost = fc.array(fc.tuple(key, fc.constantFrom(' = ', '', '\n'), value)).map((lines) => lines.map((line) => line.join('')).join('\n'));
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), almost), fc.boolean(), (text, isDropIn) => {
        const file = isDropIn ? `${MAIN}.d/50.toml` : MAIN;
        try {
          expect(Object.keys(readConfig(hostWith({ [file]: text }).door()))).toEqual(Object.keys(DEFAULTS));
        } catch (error) {
          expect(error).toMatchObject({ name: 'UserError', exitCode: 2 });
          expect((error as Error).message).toMatch(new RegExp(`^${file}(, line \\d+)?: `));
          expect((error as Error).message).not.toContain('\n');
        }
      }),
    );
  });
});

describe('drop-ins', () => {
  it('are read by name after the main file, and replace key by key', () => {
    const host = hostWith({
      [MAIN]: 'wipe = "off"\nkeyfile_devices = ["a", "b"]',
      [`${MAIN}.d/20-later.toml`]: '\nkeyfile_devices = ["c"]',
      [`${MAIN}.d/10-first.toml`]: 'keyfile_devices = ["d"]\nwipe = "memory"',
    });
    expect(readConfig(host.door())).toEqual({ ...DEFAULTS, wipe: 'memory', keyfile_devices: ['c'] });
    expect(Object.fromEntries(configured(host.door()))).toEqual({
      wipe: { value: 'memory', file: `${MAIN}.d/10-first.toml`, line: 2 },
      keyfile_devices: { value: ['c'], file: `${MAIN}.d/20-later.toml`, line: 2 },
    });
  });

  it('may be for one boot; the one in /etc wins over one of the same name', () => {
    expect(readConfig(hostWith({ [MAIN]: 'wipe = "off"', [`${RUN}.d/10.toml`]: 'wipe = "memory"' }).door())).toMatchObject({ wipe: 'memory' });
    const both = { [`${RUN}.d/10.toml`]: 'wipe = "memory"', [`${MAIN}.d/05.toml`]: 'wipe = "off"' };
    expect(readConfig(hostWith(both).door())).toMatchObject({ wipe: 'memory' });
    expect(readConfig(hostWith({ ...both, [`${MAIN}.d/10.toml`]: '' }).door())).toMatchObject({ wipe: 'off' });
  });

  it('are files called NAME.toml, and nothing else', () => {
    const others = Object.fromEntries(['10.toml~', '.10.toml', '10.toml.dpkg-old', 'README'].map((name) => [`${MAIN}.d/${name}`, 'nonsense']));
    expect(readConfig(hostWith(others).door())).toEqual(DEFAULTS);
  });

  it('are checked even where a later one decides', () => {
    const host = hostWith({ [MAIN]: 'wipe = 1', [`${MAIN}.d/10.toml`]: 'wipe = "off"' });
    expect(() => readConfig(host.door())).toThrow(`${MAIN}, line 1: wipe is 1`);
  });
});

describe('what cannot be read', () => {
  it.each([
    ['a folder in place of the file', { [`${MAIN}/x`]: '' }, `${MAIN} is a folder; it has to be a file`],
    ['a file in place of the folder', { [`${MAIN}.d`]: 'wipe = "off"' }, `${MAIN}.d is a file; it has to be a folder`],
    ['a folder in place of a drop-in', { [`${MAIN}.d/10.toml/x`]: '' }, `${MAIN}.d/10.toml is a folder`],
  ])('%s is an error', (_what, files, message) => {
    expect(() => readConfig(hostWith(files).door())).toThrow(message);
  });

  it('is told, not taken for absent', () => {
    const host = new FakeHost();
    host.links.set(MAIN, '/nowhere');
    expect(() => readConfig(host.door())).toThrow(`${MAIN} is there and cannot be read`);
  });

  it.each(['/etc/uninitramfs', '/run/uninitramfs/uninitramfs.toml.d'])('may be in %s, where that is closed to all but root', (folder) => {
    const host = new FakeHost();
    host.modes.set(folder, 0o700);
    const uid = vi.spyOn(process, 'getuid').mockReturnValue(1000);
    expect(() => readConfig(host.door())).toThrow(`${folder} cannot be looked into; everybody should be able to (chmod 755)`);
    uid.mockReturnValue(0);
    expect(readConfig(host.door())).toEqual(DEFAULTS);
    uid.mockRestore();
  });
});

describe('words for settings', () => {
  it('finds the name that was meant, and none for what is far from all', () => {
    const names = ['wipe', 'keyfile_devices'];
    expect(['wype', 'WIPE', 'wip', 'keyfile-device', 'Keyfiles_devices'].map((word) => nearest(word, names))).toEqual([
      'wipe',
      'wipe',
      'wipe',
      'keyfile_devices',
      'keyfile_devices',
    ]);
    expect(['', 'log', 'devices', 'keyfile_devices_of_this_host'].map((word) => nearest(word, names))).toEqual(Array(4).fill(undefined));
  });

  it('writes values as TOML reads them', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', minLength: 1 })), (names) => {
        expect(configuredBy(`keyfile_devices = ${inToml(names)}`)()).toMatchObject({ keyfile_devices: names });
      }),
    );
  });
});
