import { beforeAll, expect, it } from 'vitest';
import { PREPARATION_MS, prepareMachine } from './lab/machine.ts';
import { type MeasuredHost, measureResidue } from './residue/measure.ts';
import { hitsOf, KEY_KINDS, SECRET_KINDS } from './residue/residue.ts';

/** What of secrets is in a host's memory, looked for from outside. */
const HOSTS = ['rented-server', 'nas'] as const satisfies readonly MeasuredHost[];

beforeAll(async () => {
  for (const host of HOSTS) await prepareMachine(host);
}, PREPARATION_MS * HOSTS.length);

/** Neither has a key in hex anywhere, and only the nas has key files. */
const HELD = {
  'rented-server': ['volume key', 'round keys', 'schedules', 'passphrase', 'markers'],
  nas: ['volume key', 'round keys', 'schedules', 'key files', 'passphrase', 'markers'],
} as const;

it.each(HOSTS)('%s: what it was given is found while it runs, kind by kind, nothing that it was not, and after a stock shutdown the keys', async (host) => {
  const { before, after } = await measureResidue(host, 'stock');
  expect(Object.keys(hitsOf(before, SECRET_KINDS)).sort()).toEqual([...HELD[host]].sort());
  expect(after && Object.keys(hitsOf(after, SECRET_KINDS))).toEqual(expect.arrayContaining(['volume key', 'round keys', 'schedules', 'markers']));
  for (const residue of [before, after]) expect(residue && hitsOf(residue, ['never given'])).toEqual({});
});

it('a key that was printed is found in hex', async () => {
  const { before } = await measureResidue('rented-server', 'key printed');
  expect(before.found['key in hex'].hits).toBeGreaterThan(0);
});

it('closing alone leaves nothing of the key, but the passphrase and the plaintext', async () => {
  const { after } = await measureResidue('rented-server', 'closed');
  expect(after && hitsOf(after, KEY_KINDS)).toEqual({});
  expect(after && Object.keys(hitsOf(after, SECRET_KINDS)).sort()).toEqual(['markers', 'passphrase']);
});

it.each(['rented-server', 'nas'] as const)('%s, wipe = "keys": no key, no passphrase, no key file', async (host) => {
  const { after } = await measureResidue(host, 'keys');
  expect(after && hitsOf(after, [...KEY_KINDS, 'key files', 'passphrase'])).toEqual({});
});

it('the same when the keyring has let the passphrase expire and still keeps it', async () => {
  const { before, after } = await measureResidue('rented-server', 'keys, expired');
  expect(before.found.passphrase.hits).toBeGreaterThan(0);
  expect(after && hitsOf(after, [...KEY_KINDS, 'passphrase'])).toEqual({});
});

it.each(['rented-server', 'nas'] as const)('%s, wipe = "memory": no plaintext either', async (host) => {
  const { after } = await measureResidue(host, 'memory');
  expect(after && hitsOf(after, SECRET_KINDS)).toEqual({});
});

it('a root that a process in D state holds: it stays open, and its key is gone all the same', async () => {
  const { after, console } = await measureResidue('rented-server', 'held root');
  expect(console).toMatch(/still open[\s\S]*cryptroot stays open, and its key is gone from memory/);
  expect(after && hitsOf(after, KEY_KINDS)).toEqual({});
  // What dm-crypt puts in its place (drivers/md/dm-crypt.c, crypt_wipe_key).
  expect(after?.found['other schedules'].hits).toBeGreaterThan(0);
});
