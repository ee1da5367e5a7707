import { beforeAll, expect, it } from 'vitest';
import { PREPARATION_MS, prepareMachine } from './lab/machine.ts';
import { MEASURED_HOSTS, type MeasuredHost, measureResidue } from './residue/measure.ts';
import { hitsOf, KEY_KINDS, SECRET_KINDS } from './residue/residue.ts';

/** What of secrets is in a host's memory, looked for from outside. */
const HOSTS = Object.keys(MEASURED_HOSTS) as MeasuredHost[];

beforeAll(async () => {
  for (const host of HOSTS) await prepareMachine(host);
}, PREPARATION_MS * HOSTS.length);

/** Neither has a key in hex anywhere, and only the nas has key files. */
const HELD: Readonly<Record<MeasuredHost, readonly string[]>> = {
  'rented-server': ['volume key', 'round keys', 'schedules', 'passphrase', 'markers'],
  'rented-server-bookworm': ['volume key', 'round keys', 'schedules', 'passphrase', 'markers'],
  nas: ['volume key', 'round keys', 'schedules', 'key files', 'passphrase', 'markers'],
};

it.each(HOSTS)('%s, running: what it was given is found, kind by kind, and nothing that it was not', async (host) => {
  const { before } = await measureResidue(host, 'running');
  expect(Object.keys(hitsOf(before, SECRET_KINDS)).sort()).toEqual([...HELD[host]].sort());
  expect(hitsOf(before, ['never given'])).toEqual({});
});

it('a stock shutdown leaves the key, all that is made of it, and the plaintext', async () => {
  const { after } = await measureResidue('rented-server', 'stock');
  expect(after && Object.keys(hitsOf(after, SECRET_KINDS))).toEqual(expect.arrayContaining(['volume key', 'round keys', 'schedules', 'markers']));
  expect(after && hitsOf(after, ['never given'])).toEqual({});
});

it('with the program, nothing of the key is left', async () => {
  const { after } = await measureResidue('rented-server', 'closed');
  expect(after && hitsOf(after, KEY_KINDS)).toEqual({});
});
