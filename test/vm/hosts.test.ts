import { afterEach, describe, expect, it } from 'vitest';
import { bootGuest, type Guest } from './lab/uml.ts';

/** The reference hosts, built for real, torn down by the program, judged by the system's own tools, and put together again. */
const HOSTS = ['rented-server', 'arbitrary1', 'arbitrary2', 'arbitrary3', 'impermanence'];

let guest: Guest | undefined;
afterEach(() => guest?.stop());

describe.each(HOSTS)('%s', (host) => {
  it('closes in full, and opens again clean with the same data', async () => {
    guest = await bootGuest({ hostname: host, memory: '4G' });
    const use = `. /lab/hosts/${host}.sh`;
    await guest.run(`${use}\nbuild`, 240);
    const run = await guest.try('teardown --yes');
    expect(run.out).toContain('Nothing is left open');
    expect(run.code).toBe(0);
    expect(await guest.run(`${use}\nclosed`)).toContain('all closed');
    await guest.run(`${use}\nreopen`, 180);
  });
});
