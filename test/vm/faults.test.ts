import { beforeAll, expect, it } from 'vitest';
import { FAULTS } from './faults/all.ts';
import { LIVE_FAULTS } from './faults/live.ts';
import { suffer, sufferLive } from './faults/suffer.ts';
import { PREPARATION_MS, prepareMachine } from './lab/machine.ts';

/** Nothing stops a shutdown, and nothing is lost: docs/RELIABILITY.md. What takes longer is in npm run reliability. */
const OFTEN = FAULTS.filter(({ always }) => always);

beforeAll(async () => {
  for (const host of new Set(OFTEN.map((fault) => fault.host))) await prepareMachine(host);
}, 3 * PREPARATION_MS);

it.each(OFTEN)('$what', async (fault) => {
  const { broken, console } = await suffer(fault);
  expect(broken, console.slice(-8000)).toEqual([]);
});

it.each(LIVE_FAULTS)('$what', async (fault) => {
  expect((await sufferLive(fault)).broken).toEqual([]);
});
