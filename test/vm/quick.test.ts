import { afterEach, it } from 'vitest';
import { proveLayer } from './lab/prove.ts';
import { bootGuest, type Guest } from './lab/uml.ts';

/** The one real teardown that even the quick tests do. */
let guest: Guest | undefined;
afterEach(() => guest?.stop());

it('LUKS on LVM on LUKS closes in full, and opens again clean', async () => {
  guest = await bootGuest();
  await proveLayer(guest, 'luks_lvm_luks');
});
