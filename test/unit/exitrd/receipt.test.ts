import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { compileReceipt } from '../../../src/exitrd/receipt.ts';
import { EFI_VARIABLE, type ReceiptPlace } from '../../../src/model/receipt.ts';
import { openDoor } from '../../../src/sources/door.ts';
import { readReceipt } from '../../../src/sources/receipt.ts';
import { SHELLS } from '../../fuzz/recorder.ts';

const HOOKS = new URL('../../../shutdown-hooks/', import.meta.url).pathname;
const HELPER = new URL('../../../dist/uninitramfs-helper', import.meta.url).pathname;

/** A folder stands for the file system; everything else is what an exitrd runs. */
const SCRIPT = `hooks=$1 lib=$2 work=$3 disk=$4
level=keys wiped=yes took='1.15 s' closed=6 steps=7
for part in probes steps say sweep receipt; do . "$hooks/$part.sh"; done
closed=6 steps=7
say() { printf '%s\\n' "$2"; }
bounded() { shift; "$@" >"$work/said" 2>&1 </dev/stdin; local code=$?; slurp "$work/said"; said=\${text##*"$nl"}; return "$code"; }
mount() { printf '%s\\n' "$*" >>"$work/mounts"; rmdir "$work/at" && ln -s "$disk" "$work/at"; }
umount() { rm "$work/at" && mkdir "$work/at"; }
leave_receipt poweroff
`;

const file = (more: Partial<Extract<ReceiptPlace, { kind: 'file' }>> = {}): ReceiptPlace => ({
  kind: 'file',
  device: '/dev/sda1',
  fstype: 'ext4',
  options: ['nosuid', 'nodev'],
  path: "/a folder/it's $(id)",
  disks: [],
  ...more,
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'uninitramfs-receipt-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function leave([tool, ...options]: readonly string[], place: ReceiptPlace, left: string): string {
  for (const name of ['lib', 'work', 'disk']) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(folder, 'lib/receipt'), compileReceipt(place, { version: '1.2.3', since: 1_700_000_000 }));
  writeFileSync(join(folder, 'work/left'), left);
  // With a socket as its input bash takes itself for one that rshd started, and reads .bashrc.
  return execFileSync(tool as string, [...options, '-c', SCRIPT, 'sh', HOOKS, join(folder, 'lib'), join(folder, 'work'), join(folder, 'disk')], {
    encoding: 'utf8',
    env: { LC_ALL: 'C', PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const receipt = (path: string) => readReceipt(openDoor(join(folder, 'disk')), path);
const expected = {
  version: '1.2.3',
  verb: 'poweroff',
  boot: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(),
  uptime: expect.any(Number),
  time: expect.any(Number),
  seconds: 1.15,
  closed: 6,
  steps: 7,
  wipe: 'keys',
  wiped: 'yes',
  left: [] as string[],
  leftMore: 0,
  whole: true,
};

describe.each(SHELLS)('%s', (...shell) => {
  it('leaves a file of one KiB, whatever it is called, and nothing mounted', () => {
    mkdirSync(join(folder, 'disk/a folder'), { recursive: true });
    expect(leave(shell, file(), '')).toBe('[  OK  ] leave a receipt for the next boot\n');
    expect(readdirSync(join(folder, 'disk/a folder'))).toEqual(["it's $(id)"]);
    expect(lstatSync(join(folder, "disk/a folder/it's $(id)"))).toMatchObject({ size: 1024, mode: 0o100600 });
    expect(receipt("/a folder/it's $(id)")).toEqual({ is: 'found', receipt: expected });
    expect(readFileSync(join(folder, 'work/mounts'), 'utf8')).toBe(`-t ext4 -o nosuid,nodev /dev/sda1 ${folder}/work/at\n`);
    expect(lstatSync(join(folder, 'work/at')).isDirectory()).toBe(true);
  });

  it('names what is left as far as there is room, without what a terminal would obey', () => {
    mkdirSync(join(folder, 'disk'), { recursive: true });
    const names = Array.from({ length: 20 }, (_, n) => `/srv/${'x'.repeat(60)}${n} (ext4) is mounted`);
    leave(shell, file({ path: '/r' }), `/a\x1b[2J b\\n (ext4) is mounted\n${names.join('\n')}\n`);
    const found = receipt('/r');
    if (found.is !== 'found') throw new Error(found.is);
    const { left, leftMore, whole } = found.receipt;
    expect([left[0], left[1], whole]).toEqual(['/a?[2J b\\n (ext4) is mounted', names[0], true]);
    expect(left.length).toBeGreaterThan(3);
    expect(left.length + leftMore).toBe(21);
    expect(lstatSync(join(folder, 'disk/r')).size).toBe(1024);
  });

  it('says why it cannot, and touches nothing', () => {
    const number = join(folder, 'diskseq');
    writeFileSync(number, '8\n');
    mkdirSync(join(folder, 'disk'), { recursive: true });
    expect(leave(shell, file({ path: '/r', disks: [{ file: number, number: '7' }] }), '')).toBe(
      `[FAILED] leave a receipt for the next boot: there is another disk now: ${number}\n`,
    );
    expect(leave(shell, file({ path: '/no/r' }), '')).toBe('[FAILED] leave a receipt for the next boot: there is no folder /no on /dev/sda1\n');
    expect(readdirSync(join(folder, 'disk'))).toEqual([]);
    writeFileSync(number, '7\n');
    expect(leave(shell, file({ path: '/r', disks: [{ file: number, number: '7' }] }), '')).toContain('[  OK  ]');
  });
});

describe('a variable of the firmware', () => {
  const variable = () => join(folder, EFI_VARIABLE);
  const write = (input: string) => spawnSync(HELPER, ['efivar', variable()], { input, encoding: 'utf8' });

  it('is written after its attributes in one go, and may be immutable', () => {
    expect(existsSync(HELPER), 'npm run build, with a C compiler').toBe(true);
    expect(write('one').status).toBe(0);
    expect(readFileSync(variable(), 'latin1')).toBe('\x07\0\0\0one');
    // Where this may not be set (another user, a file system without it) the rest holds all the same.
    const isImmutable = spawnSync('chattr', ['+i', variable()]).status === 0;
    expect(write('two').status).toBe(0);
    expect(readFileSync(variable(), 'latin1')).toBe('\x07\0\0\0two');
    if (!isImmutable) return;
    expect(spawnSync('lsattr', [variable()], { encoding: 'utf8' }).stdout).toMatch(/^-*i/);
    spawnSync('chattr', ['-i', variable()]);
  });

  it('says why it cannot be written', () => {
    expect(spawnSync(HELPER, ['efivar', join(folder, 'no/such')], { input: 'x', encoding: 'utf8' })).toMatchObject({
      status: 1,
      stderr: `${folder}/no/such: No such file or directory\n`,
    });
  });
});
