import { afterEach, it } from 'vitest';
import { proveLayer } from './lab/prove.ts';
import { bootGuest, type Guest } from './lab/uml.ts';

/** Every layer in a real kernel: built, torn down by the program, judged by the system's own tools, opened again. */
const MODULES = ['raid1', 'raid456', 'dm-raid', 'dm-snapshot', 'dm-thin-pool', 'dm-cache', 'dm-cache-smq', 'dm-writecache', 'dm-mirror', 'dm-integrity'];
const LAYERS = ['crypt_types', 'lvm_kinds', 'lvm_caches', 'bcaches', 'md_kinds', 'md_container', 'dm_plain', 'loops', 'mount_kinds', 'odd_names'];

let guest: Guest | undefined;
afterEach(() => guest?.stop());

it.each(LAYERS)('%s: closes in full, and opens again clean', async (layer) => {
  guest = await bootGuest({ memory: '2G', modules: MODULES });
  await proveLayer(guest, layer);
});
