import { describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/sources/config.ts';
import { FakeHost } from '../support/fake-host.ts';

function configured(text: string | undefined) {
  const host = new FakeHost();
  if (text !== undefined) host.files.set('/etc/uninitramfs/uninitramfs.toml', text);
  return () => readConfig(host.door());
}

describe('the configuration', () => {
  it('has defaults, and every key is optional', () => {
    expect(configured(undefined)()).toEqual({ wipe: 'keys', keyfile_devices: [] });
    expect(configured('# nothing\n')()).toEqual({ wipe: 'keys', keyfile_devices: [] });
    expect(configured('wipe = "memory"\n')()).toMatchObject({ wipe: 'memory' });
  });

  it.each([
    ['wipe = memory', /^\/etc\/uninitramfs\/uninitramfs\.toml, line 1: /],
    ['\n\n[[[', /line 3: /],
    ['wipe = "al"', /wipe is "al"; it can be "keys", "memory", "off"/],
    ['wipe = ["keys"]', /wipe is \["keys"\]; it can be/],
    ['keyfile_devices = "keys"', /keyfile_devices is "keys"; it has to be a list of names/],
    ['wype = "keys"', /there is no setting called "wype"; there is wipe, keyfile_devices/],
  ])('%j is refused with what would be right', (text, message) => {
    expect(configured(text)).toThrow(message);
  });
});
