import { describe, expect, it } from 'vitest';
import { rehearsal } from './lab/rehearsal.ts';

/** The same miniatures shut down without this program: the proof that the proof of the others can fail. */
/** What only an exitrd can close on each, by the names the kernel gives. */
const BELOW_ROOT: Readonly<Record<string, readonly string[]>> = {
  'rented-server': ['dm cryptroot', 'dm vg0-root', 'md md1', 'mount /'],
  nas: ['dm root00vg-root', 'dm root01vg-root', 'dm root02vg-root', 'dm sys00', 'dm sys01', 'dm sys02', 'mount /'],
  arbitrary1: ['dm data-one', 'dm one_crypt', 'md md0', 'mount /'],
  arbitrary2: ['dm data-ext4', 'dm md0_crypt', 'md md0', 'mount /'],
  arbitrary3: ['dm data-ext4', 'dm sda_crypt', 'dm sdb_crypt', 'dm sdc_crypt', 'md md0', 'mount /'],
};

describe.each(Object.keys(BELOW_ROOT))('%s without this program', (host) => {
  it('is left open below its root, with its keys in memory', async () => {
    const { open, keys, ok } = await rehearsal(host, { stock: true });
    expect([...open].sort()).toEqual(BELOW_ROOT[host]);
    expect(keys?.found).toBeGreaterThan(0);
    expect(ok).toBe(false);
  });
});
