import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Rehearsed } from '../../src/model/rehearsal.ts';
import { installPlainExitrd } from './lab/plain-exitrd.ts';
import { rehearsal } from './lab/rehearsal.ts';

const errorOf = (steps: readonly Rehearsed[], title: string) => {
  const step = steps.find((each) => each.title === title);
  expect(step, title).toBeDefined();
  return step?.error;
};

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
    expect(errorOf(steps, 'unmount /boot')).toMatch(/in use by sleep \(pid \d+/);
  });

  it('that nothing ends is named by the live phase, and is out of the way in the exitrd', async () => {
    const { open, unclean, keys, steps } = await rehearsal('rented-server', { fault: 'process' });
    expect({ open, unclean, found: keys?.found }).toEqual({ open: [], unclean: [], found: 0 });
    expect(errorOf(steps, 'unmount /boot')).toMatch(/in use by @stays \(pid \d+/);
    expect(errorOf(steps, 'stop array md0')).toBe('not tried, because this was not done: unmount /boot');
  });

  it('that takes a member from an array leaves the others clean, with equal counters', async () => {
    const keep = mkdtempSync(join(tmpdir(), 'uninitramfs-degraded-'));
    try {
      const { open, unclean, keys, asked } = await rehearsal('arbitrary1', { fault: 'missing-member', keep });
      expect({ open, unclean, found: keys?.found, asked }).toEqual({ open: [], unclean: [], found: 0, asked: 10 });
      // It came back as it went: without the one that was lost.
      expect(readFileSync(join(keep, 'console-look.log'), 'utf8')).toMatch(/md0: raid level 6 active with 3 out of 4 devices/);
    } finally {
      rmSync(keep, { recursive: true, force: true });
    }
  });

  it('that takes a tool away is named, and the exitrd closes what the live phase could not', async () => {
    const { open, unclean, keys, steps } = await rehearsal('arbitrary1', { fault: 'missing-tool' });
    expect({ open, unclean, found: keys?.found }).toEqual({ open: [], unclean: [], found: 0 });
    expect(errorOf(steps, 'close LUKS2 two_crypt')).toBe('cryptsetup is not installed');
    expect(errorOf(steps, 'unmount /srv/two')).toBeUndefined();
  });

  it('that makes a device hang costs its bound and no more: the rest is closed, and what hangs is named', async () => {
    const { open, unclean, closed, of, steps, seconds } = await rehearsal('nas', { phase: 'live', fault: 'hanging-device' });
    expect(open).toEqual(['dm keys']);
    expect(of - closed).toBe(1);
    // What was written to it last is nowhere else.
    expect(unclean).toEqual([expect.stringMatching(/^ext4 of \/root\/keys\/disk00 is not clean: /)]);
    expect(errorOf(steps, 'unmount /root/keys/source')).toMatch(/hangs in the kernel beyond its 60 s and was left behind/);
    expect(errorOf(steps, 'close LUKS2 keys')).toBe('not tried, because this was not done: unmount /root/keys/source');
    expect(seconds).toBeLessThan(300);
  });

  it('that garbles the plan still ends with everything closed', async () => {
    const { open, unclean, keys } = await rehearsal('rented-server', { phase: 'exitrd', fault: 'garbled-plan' });
    expect({ open, unclean, found: keys?.found }).toEqual({ open: [], unclean: [], found: 0 });
  });
});
