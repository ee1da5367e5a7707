import { describe, expect, it } from 'vitest';
import { installPlainExitrd } from './lab/plain-exitrd.ts';
import { rehearsal } from './lab/rehearsal.ts';

/** The reference hosts from their captures: built small, shut down through systemd's own program and the exitrd, and looked at afterwards. */
const HOSTS = ['rented-server', 'nas', 'arbitrary1', 'arbitrary2', 'arbitrary3', 'impermanence'];

describe.each(HOSTS)('%s', (host) => {
  it('is closed in full by the live phase and the exitrd, clean, with no key left', async () => {
    const { open, unclean, keys, closed, of, ok } = await rehearsal(host);
    expect({ open, unclean, found: keys?.found }).toEqual({ open: [], unclean: [], found: 0 });
    expect(closed).toBe(of);
    expect(ok).toBe(true);
  });
});

describe('a hand-written /shutdown', () => {
  it('is entered as PID 1 with the verb, and what it closes is told from outside', async () => {
    const { open, keys } = await rehearsal('rented-server', { phase: 'exitrd', installExitrd: installPlainExitrd });
    expect({ open, found: keys?.found }).toEqual({ open: [], found: 0 });
  });
});

describe('a fault', () => {
  it('that keeps a mount busy is named by the live phase, and what stands below it stays', async () => {
    const { open, steps } = await rehearsal('rented-server', { phase: 'live', fault: 'busy-mount' });
    expect([...open].sort()).toEqual(['md md0', 'mount /boot']);
    expect(steps.find((step) => step.title === 'unmount /boot')?.error).toMatch(/in use by sleep \(pid \d+/);
  });

  it('that garbles the plan still ends with everything closed', async () => {
    const { open, unclean, keys } = await rehearsal('rented-server', { phase: 'exitrd', fault: 'garbled-plan' });
    expect({ open, unclean, found: keys?.found }).toEqual({ open: [], unclean: [], found: 0 });
  });
});
