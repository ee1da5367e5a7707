import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readGraph, rehearsalTerms } from '../../../src/app/audit.ts';
import { posture } from '../../../src/app/posture.ts';
import { stateOf } from '../../../src/app/state.ts';
import { type Audited, auditSchema } from '../../../src/model/audit.ts';
import { openDoor } from '../../../src/sources/door.ts';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const HOOKS = new URL('../../../shutdown-hooks', import.meta.url).pathname;
const LIB = '/run/initramfs/usr/lib/uninitramfs';
const DATE = new Date('2026-03-04T05:06:07Z');

const audited = async (sysroot: string) => (await posture({ sysroot, version: '1.2.3', date: DATE, hooks: HOOKS })).audited;

let host: string;
beforeEach(() => {
  host = mkdtempSync(join(tmpdir(), 'uninitramfs-posture-'));
  cpSync(`${FIXTURES}nas/sysroot`, host, { recursive: true, verbatimSymlinks: true });
});
afterEach(() => rmSync(host, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(host + path), { recursive: true });
  writeFileSync(host + path, text);
}

/** As `exitrd install` leaves it. */
async function installed(level = 'keys'): Promise<void> {
  put(`${LIB}/steps.sh`, '');
  put(`${LIB}/wipe.level`, `${level}\n`);
  put(`${LIB}/plan.state`, (await stateOf(host, HOOKS)) ?? '');
}

/** "mark text" of one answer. */
async function answer(fear: keyof Audited['posture'], about: string): Promise<string> {
  const { posture } = await audited(host);
  const { mark, text } = posture[fear].find((each) => each.about === about) ?? {};
  return `${mark} ${text}`;
}

/** "severity text" of the findings with this code. */
async function said(code: string): Promise<string[]> {
  const { findings } = await audited(host);
  return findings.filter((each) => each.code === code).map(({ severity, text }) => `${severity} ${text}`);
}

describe.each(readdirSync(FIXTURES))('%s', (name) => {
  it('gives an audit that the shipped JSON Schema accepts, with three answers to each fear', async () => {
    const result = await audited(`${FIXTURES}${name}/sysroot`);
    const validate = new Ajv2020().compile(z.toJSONSchema(auditSchema));
    expect(validate(JSON.parse(JSON.stringify(result))) || validate.errors).toBe(true);
    expect(Object.values(result.posture).map((answers) => answers.length)).toEqual([3, 3, 3]);
  });

  it('has no warning that the answers do not show', async () => {
    const { findings, posture } = await audited(`${FIXTURES}${name}/sysroot`);
    const marks = Object.values(posture).flatMap((answers) => answers.map(({ mark }) => mark));
    for (const { severity } of findings) if (severity !== 'info') expect(marks).toContain(severity);
  });
});

describe('data', () => {
  it('is closed in the exitrd where there is one, and counted where there is none', async () => {
    expect(await answer('data', 'closed')).toBe('warning what is outside the root, in 21 steps; 6 devices below it will stay open, for lack of an exitrd');
    expect((await audited(host)).counts).toMatchObject({ staysOpen: 6, steps: { live: 21, exitrd: 7 } });
    await installed();
    expect(await answer('data', 'closed')).toBe('good everything: 21 steps outside the root, 7 in the exitrd');
    expect((await audited(host)).counts.staysOpen).toBe(0);
  });

  it('stays open with a reason', async () => {
    put('/sys/block/loop3/dev', '7:3\n');
    put('/sys/block/loop3/loop/backing_file', '/srv/main_backup/image (deleted)\n');
    expect(await answer('data', 'stays')).toMatch(/^warning \/dev\/loop3 cannot be closed, which keeps \d more open: loop3 shows a file that was deleted/);
    expect((await audited(host)).counts.staysOpen).toBeGreaterThan(6);
  });
});

describe('the exitrd', () => {
  it('is in place with a plan that knows all that is there', async () => {
    await installed();
    expect(await answer('keys', 'exitrd')).toBe('good the exitrd is in place, its plan up to date; keys are wiped at the end');
    expect((await audited(host)).exitrd).toEqual({ state: 'ours', newSincePlan: 0 });
  });

  it('has a plan from before something came, which matters where nothing makes it anew', async () => {
    await installed();
    appendFileSync(`${host}/proc/swaps`, '/swapfile file 1024 0 -2\n');
    expect(await said('exitrd-outdated')).toEqual(["warning new since the exitrd's plan was made: swap /swapfile"]);
    expect(await answer('keys', 'exitrd')).toMatch(/^warning .* its plan from before 1 change/);
    put('/etc/systemd/system/multi-user.target.wants/uninitramfs-exitrd.service', '');
    expect(await said('exitrd-outdated')).toEqual(["info new since the exitrd's plan was made: swap /swapfile"]);
    expect(await answer('keys', 'exitrd')).toMatch(/^note .* its plan from before 1 change/);
  });

  it('has a plan that cannot be compared where what it was made from cannot be read', async () => {
    put(`${LIB}/steps.sh`, '');
    expect(await answer('keys', 'exitrd')).toMatch(/^unknown the exitrd is in place, with a plan that only root can compare/);
    expect((await audited(host)).exitrd.newSincePlan).toBeNull();
  });
});

describe('the receipt of the last shutdown', () => {
  const last = async () => Object.values((await audited(host)).last).join(' ');

  it('is told, as far as one is asked for', async () => {
    expect(await last()).toBe('note no receipt: none is asked for ("receipt" in the configuration)');
    put('/etc/uninitramfs/uninitramfs.toml', 'receipt = "/boot/receipt"\n');
    expect(await last()).toMatch(/^unknown no receipt: none was left/);
    put('/boot/receipt', 'uninitramfs=1\nseconds=2.1\nwipe=keys\nwiped=yes\nend=1');
    expect(await last()).toBe('good everything closed in 2.1 s, keys wiped');
    put('/boot/receipt', 'uninitramfs=1\nseconds=2.1\nleft=/srv (ext4) is mounted\nend=1');
    expect(await last()).toBe('warning 1 thing left open after 2.1 s: /srv (ext4) is mounted');
  });

  it('cannot be left on what is closed by then', async () => {
    await installed();
    put('/etc/uninitramfs/uninitramfs.toml', 'receipt = "/boot/receipt"\n');
    expect(await said('receipt-impossible')).toEqual([]);
    put('/etc/uninitramfs/uninitramfs.toml', 'receipt = "/etc/receipt"\n');
    expect(await said('receipt-impossible')).toEqual([
      expect.stringMatching(/^warning the exitrd cannot leave the receipt .* lies on the encrypted \/dev\/mapper\/sys0/),
    ]);
    expect(await answer('keys', 'exitrd')).toMatch(/^warning .*; it can leave no receipt$/);
  });
});

describe('the level of wiping', () => {
  it('is what the installed exitrd has, until it is installed anew', async () => {
    await installed('keys');
    put('/etc/uninitramfs/uninitramfs.toml', 'wipe = "memory"\n');
    expect((await audited(host)).wipe).toEqual({ level: 'keys', from: 'the installed exitrd' });
    expect(await said('wipe-differs')).toEqual([
      'warning the configuration says wipe = "memory" (/etc/uninitramfs/uninitramfs.toml:1), but the installed exitrd has "keys"',
    ]);
  });

  it("is what the kernel's command line says, before all", async () => {
    await installed('keys');
    put('/proc/cmdline', 'quiet uninitramfs.wipe=off\n');
    expect((await audited(host)).wipe).toEqual({ level: 'off', from: '/proc/cmdline' });
    expect(await said('wipe-differs')).toEqual([]);
    expect(await answer('keys', 'exitrd')).toMatch(/^note .*nothing is wiped at the end$/);
  });

  it('is the default where the configuration is broken, which is said', async () => {
    put('/etc/uninitramfs/uninitramfs.toml', 'wype = "memory"\n');
    expect((await audited(host)).wipe).toEqual({ level: 'keys', from: 'default' });
    expect(await said('config-broken')).toEqual([expect.stringMatching(/^warning .*line 1: there is no setting called "wype".*Until then the defaults hold$/)]);
    expect(await answer('keys', 'exitrd')).toMatch(/the configuration is broken$/);
  });
});

describe('what could hold a shutdown up', () => {
  const nfs = (addr: string) => appendFileSync(`${host}/proc/self/mountinfo`, `900 55 0:99 / /mnt/nfs rw - nfs4 server:/export rw,vers=4.2,addr=${addr}\n`);
  const tcp = (remote: string, state: string, retries: string) =>
    put('/proc/net/tcp', `head\n   0: 0A0200C0:03FF ${remote} ${state} 00000000:00000000 00:00000000 ${retries} 0 0 1 1\n`);

  it('is a suspended mapping', async () => {
    put('/sys/block/dm-14/dm/suspended', '1\n');
    expect(await answer('hang', 'suspended')).toBe('critical bak02: suspended, and whatever touches it waits');
    expect((await audited(host)).counts).toMatchObject({ suspended: 1, findings: { critical: 1 } });
    expect((await audited(host)).findings[0]?.severity).toBe('critical');
  });

  it.each([
    ['answers', '050200C0:0801', '01', '00000000', 'good 1 network mount, and every server answers'],
    ['does not answer', '050200C0:0801', '02', '00000004', 'warning the server of /mnt/nfs does not answer'],
    ['has no connection', '050200C0:0016', '01', '00000000', 'unknown whether the server of /mnt/nfs answers, no connection tells'],
  ])('is a network mount whose server %s', async (_what, remote, state, retries, expected) => {
    nfs('192.0.2.5');
    tcp(remote, state, retries);
    expect(await answer('hang', 'network')).toBe(expected);
    expect(await said('server-silent')).toHaveLength(expected.startsWith('warning') ? 1 : 0);
  });

  it('is a process', async () => {
    put('/proc/812/comm', 'vim\n');
    put('/proc/812/cgroup', '0::/session-3.scope\n');
    symlinkSync('/srv/main_backup', `${host}/proc/812/cwd`);
    expect(await answer('hang', 'busy')).toBe('warning 1 in use, by vim: a shutdown ends these first, a live teardown does not');
    expect((await audited(host)).counts.busy).toBe(1);
  });
});

describe('keys', () => {
  it('lie open on devices that crypttab or the configuration tells of, each told once', async () => {
    put('/etc/uninitramfs/uninitramfs.toml', 'keyfile_devices = ["keys", "keys01"]\n');
    expect(await said('keyfile-device-open')).toEqual([
      expect.stringMatching(/^warning keys holds the key of /),
      'warning keys01 holds keys of others and is still open: whoever gets in now gets the keys of all',
    ]);
    expect((await audited(host)).counts.keyfileDevicesOpen).toBe(2);
    expect(await answer('keys', 'files')).toBe('warning a device with the keys of others is open');
  });

  it('stay in memory as the kernel was told', async () => {
    put('/proc/cmdline', 'quiet init_on_alloc=0\n');
    expect(await answer('keys', 'memory')).toBe('warning memory is handed out with old contents; memory that is given back is not cleared');
    put('/proc/cmdline', 'quiet init_on_free=1\n');
    expect(await answer('keys', 'memory')).toBe('good swap is encrypted, and freed memory is cleared');
  });
});

describe('the last rehearsal', () => {
  const record = () => {
    const door = openDoor(host);
    return { schema: 1, date: '2026-01-02T03:04:05.000Z', phase: 'both', ok: true, verdict: 'closed 28 of 28', ...rehearsalTerms(readGraph(door).graph, door) };
  };

  it('is told with what changed since', async () => {
    expect((await audited(host)).rehearsal).toBeNull();
    put('/var/lib/uninitramfs/rehearsal.json', JSON.stringify(record()));
    expect((await audited(host)).rehearsal).toEqual({ date: '2026-01-02T03:04:05.000Z', phase: 'both', ok: true, verdict: 'closed 28 of 28', changes: [] });
    appendFileSync(`${host}/proc/swaps`, '/swapfile file 1024 0 -2\n');
    expect((await audited(host)).rehearsal?.changes).toEqual([expect.stringMatching(/^the stack has got swap/)]);
  });
});
