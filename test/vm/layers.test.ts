import { afterEach, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { proveLayer } from './lab/prove.ts';
import { bootGuest, type Guest } from './lab/uml.ts';

/** Every layer in a real kernel: built, torn down by the program, judged by the system's own tools, opened again. */
const MODULES = ['raid1', 'raid456', 'dm-raid', 'dm-snapshot', 'dm-thin-pool', 'dm-cache', 'dm-cache-smq', 'dm-writecache', 'dm-mirror', 'dm-integrity'];
const LAYERS = [
  'crypt_types',
  'verity_integrity',
  'docker_pool',
  'lvm_kinds',
  'lvm_caches',
  'bcaches',
  'md_kinds',
  'md_container',
  'dm_plain',
  'loops',
  'mount_kinds',
  'odd_names',
];

let guest: Guest | undefined;
afterEach(() => guest?.stop());

it.each(LAYERS)('%s: closes in full, and opens again clean', async (layer) => {
  guest = await bootGuest({ memory: '2G', modules: MODULES });
  await proveLayer(guest, layer);
});

it('a multipath map without a path does not hold a teardown up, and one with a path is left to write', async () => {
  guest = await bootGuest();
  const use = '. /lab/hosts/layers.sh';
  await guest.run(`${use}\nground\npathless`);
  expect(await guest.run('teardown --dry-run')).toMatch(/gone has no path left \(of 1\), and what touches it waits/);
  const careful = await guest.try('teardown --yes --json', 60);
  const kept = JSON.parse(careful.out) as Report;
  expect([careful.code, kept.results?.filter(({ outcome }) => outcome === 'failed').map(({ step }) => step)]).toEqual([1, ['unqueue:gone']]);
  expect(kept.left).toHaveLength(2);
  const run = await guest.try('teardown --yes --json --fail-queued', 60);
  const { results, left } = JSON.parse(run.out) as Report;
  expect(
    results
      ?.filter(({ step }) => step.startsWith('unqueue'))
      .map(({ step, outcome }) => `${step} ${outcome}`)
      .sort(),
    // The other one is closed already.
  ).toEqual(['unqueue:gone done']);
  expect([left, run.code]).toEqual([[], 0]);
  expect(await guest.run(`${use}\nclosed`)).toContain('all closed');
  await guest.run(`${use}\nagain_pathless`);
});
