import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const FIXTURES = new URL('../../fixtures/', import.meta.url).pathname;
const RENEW = new URL('../../../shutdown-hooks/renew.sh', import.meta.url).pathname;
const SHELLS = [['bash'], ['dash'], ['busybox', 'sh']] as const;

const stateOf = (root: string, [shell, ...args]: readonly [string, ...string[]] = ['dash']) =>
  execFileSync(shell, [...args, RENEW, 'print', root], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .sort();

let host: string;
beforeEach(() => {
  host = mkdtempSync(join(tmpdir(), 'uninitramfs-state-'));
  cpSync(`${FIXTURES}nas/sysroot`, host, { recursive: true, verbatimSymlinks: true });
});
afterEach(() => rmSync(host, { recursive: true, force: true }));

/** What a plan made of the fixture does not know of the host as it was changed. */
const fresh = () => stateOf(host).filter((line) => !stateOf(`${FIXTURES}nas/sysroot`).includes(line));

describe.each(readdirSync(FIXTURES))('%s', (name) => {
  it('is told alike by every shell, with every mapping, array, mount and swap area', () => {
    const root = `${FIXTURES}${name}/sysroot`;
    const [first, ...others] = SHELLS.map((shell) => stateOf(root, shell));
    for (const other of others) expect(other).toEqual(first);
    const told = first?.join('\n');
    for (const dev of readdirSync(`${root}/sys/block`)) {
      if (/^(dm-|md)/.test(dev)) expect(told).toContain(`device ${dev} `);
    }
    for (const line of readFileSync(`${root}/proc/swaps`, 'utf8').trim().split('\n').slice(1)) expect(told).toContain(`swap ${line.split(/\s/)[0]}`);
    for (const line of readFileSync(`${root}/proc/self/mountinfo`, 'utf8').trim().split('\n')) {
      const [, , , , point] = line.split(' ');
      if (/ - \S+ \/dev\//.test(line)) expect(told).toContain(` ${point} `);
    }
    expect(told).not.toMatch(/ (proc|sysfs|devpts) /);
  });
});

describe('what no plan was made for', () => {
  it('is nothing on a host that stayed as it was, and on one where something was closed', () => {
    expect(fresh()).toEqual([]);
    rmSync(`${host}/sys/block/dm-14`, { recursive: true });
    expect(fresh()).toEqual([]);
  });

  it('is another mount, even of the same device at the same place', () => {
    const file = `${host}/proc/self/mountinfo`;
    const table = readFileSync(file, 'utf8');
    appendFileSync(file, '90 55 8:99 / /mnt/a\\040b rw - ext4 /dev/sdz1 rw\n');
    expect(fresh()).toEqual(['mount 90 55 8:99 / /mnt/a\\040b ext4 /dev/sdz1']);
    writeFileSync(file, table.replace(/^57 /m, '91 '));
    expect(fresh()).toEqual([expect.stringMatching(/^mount 91 .* \/boot ext4/)]);
    writeFileSync(file, table.replaceAll('rw,relatime', 'ro'));
    expect(fresh()).toEqual([]);
  });

  it('is a mapping of another name, on another device, or a second time under the old name', () => {
    const name = `${host}/sys/block/dm-14/dm/name`;
    writeFileSync(name, "it's $(new)\n");
    expect(fresh()).toEqual([expect.stringMatching(/^device dm-14 it's \$\(new\) CRYPT-.* on sdc5$/)]);
    writeFileSync(name, 'bak02\n');
    symlinkSync('../../sdd', `${host}/sys/block/dm-14/slaves/sdd`);
    expect(fresh()).toEqual([expect.stringMatching(/^device dm-14 bak02 CRYPT-.* on sdc5 on sdd$/)]);
  });

  it('is a loop device, swap, and a kernel for kexec', () => {
    mkdirSync(`${host}/sys/block/loop7/loop`, { recursive: true });
    writeFileSync(`${host}/sys/block/loop7/loop/backing_file`, '/srv/an image\n');
    appendFileSync(`${host}/proc/swaps`, '/swapfile file 1024 0 -2\n');
    mkdirSync(`${host}/sys/kernel`, { recursive: true });
    writeFileSync(`${host}/sys/kernel/kexec_loaded`, '1\n');
    expect(fresh()).toEqual(['a kernel is loaded for kexec', 'device loop7 /srv/an image', 'swap /swapfile']);
  });
});
