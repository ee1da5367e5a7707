import { describe, expect, it } from 'vitest';
import { rehearse } from '../../src/app/rehearse.ts';
import type { Rehearsal } from '../../src/model/rehearsal.ts';
import { ensureTree } from './lab/tree.ts';

/** The reference hosts from their captures: built small, shut down through systemd's own program and the exitrd, and looked at afterwards. */
const HOSTS = ['rented-server', 'nas', 'arbitrary1', 'arbitrary2', 'arbitrary3', 'impermanence'];

/** What only an exitrd can close on each, by the names the kernel gives. */
const BELOW_ROOT: Readonly<Record<string, readonly string[]>> = {
  'rented-server': ['dm cryptroot', 'dm vg0-root', 'md md1', 'mount /'],
  nas: ['dm root00vg-root', 'dm root01vg-root', 'dm root02vg-root', 'dm sys00', 'dm sys01', 'dm sys02', 'mount /'],
  arbitrary1: ['dm data-one', 'dm one_crypt', 'md md0', 'mount /'],
  arbitrary2: ['dm data-ext4', 'dm md0_crypt', 'md md0', 'mount /'],
  arbitrary3: ['dm data-ext4', 'dm sda_crypt', 'dm sdb_crypt', 'dm sdc_crypt', 'md md0', 'mount /'],
};

const say = (line: string) => process.stderr.write(`${line}\n`);

async function run(host: string, more: Partial<Parameters<typeof rehearse>[0]> = {}): Promise<Rehearsal> {
  const sysroot = new URL(`../fixtures/${host}/sysroot`, import.meta.url).pathname;
  const tree = await ensureTree(say);
  return rehearse({ sysroot, targets: [], phase: 'both', stock: false, fault: undefined, keep: undefined, tree, onStep: () => undefined, say, ...more });
}

describe.each(HOSTS)('%s', (host) => {
  it('is closed in full by the live phase and the exitrd, clean, with no key left', async () => {
    const { open, unclean, keys, closed, of, ok } = await run(host);
    expect({ open, unclean, found: keys?.found }).toEqual({ open: [], unclean: [], found: 0 });
    expect(closed).toBe(of);
    expect(ok).toBe(true);
  });
});

describe.each(Object.keys(BELOW_ROOT))('%s without this program', (host) => {
  it('is left open below its root, with its keys in memory', async () => {
    const { open, keys, ok } = await run(host, { stock: true });
    expect([...open].sort()).toEqual(BELOW_ROOT[host]);
    expect(keys?.found).toBeGreaterThan(0);
    expect(ok).toBe(false);
  });
});

describe('a fault', () => {
  it('that keeps a mount busy is named by the live phase, and what stands below it stays', async () => {
    const { open, steps } = await run('rented-server', { phase: 'live', fault: 'busy-mount' });
    expect([...open].sort()).toEqual(['md md0', 'mount /boot']);
    expect(steps.find((step) => step.title === 'unmount /boot')?.error).toMatch(/in use by sleep \(pid \d+/);
  });

  it('that garbles the plan still ends with everything closed', async () => {
    const { open, unclean, keys } = await run('rented-server', { phase: 'exitrd', fault: 'garbled-plan' });
    expect({ open, unclean, found: keys?.found }).toEqual({ open: [], unclean: [], found: 0 });
  });
});
