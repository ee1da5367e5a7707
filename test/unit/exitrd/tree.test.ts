import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentsFor } from '../../../src/exitrd/contents.ts';
import { makePlans } from '../../../src/exitrd/plans.ts';
import { isWhole, seal } from '../../../src/exitrd/seal.ts';
import { verifyTree } from '../../../src/exitrd/verify.ts';
import { writeTree } from '../../../src/exitrd/write.ts';
import { DEFAULTS } from '../../../src/model/config.ts';
import { EXITRD_LIB as LIB } from '../../../src/model/places.ts';
import type { Step } from '../../../src/model/step.ts';

const hooks = new URL('../../../shutdown-hooks/', import.meta.url).pathname;

const fittings = { hooks, helper: '/usr/bin/true', config: DEFAULTS } as const;

const step = (argv: [string, ...string[]]): Step => ({
  id: argv.join(' '),
  title: argv.join(' '),
  node: 'n',
  closes: ['n'],
  stage: 'exitrd',
  needs: [],
  unless: { is: 'exists', path: '/gone' },
  ops: [{ op: 'run', argv }],
  seconds: 5,
  onFail: 'stop',
});

let tree: string;
beforeEach(() => {
  tree = join(mkdtempSync(join(tmpdir(), 'uninitramfs-tree-')), 'tree');
  mkdirSync(tree);
});
afterEach(() => rmSync(join(tree, '..'), { recursive: true, force: true }));

async function build(steps: readonly Step[]): Promise<void> {
  writeTree(tree, await contentsFor(steps, fittings), makePlans('host', steps, { network: [], rest: [] }, false, ''));
}

const complaints = async () =>
  Object.fromEntries((await verifyTree(tree)).flatMap(({ name, complaint }) => (complaint === undefined ? [] : [[name, complaint]])));

describe('the tree', () => {
  it('holds what the steps call, with libraries, and each of it runs inside', async () => {
    await build([step(['find', '/x']), step(['umount', '/oldroot'])]);
    expect(readdirSync(join(tree, 'usr/bin'))).toEqual(expect.arrayContaining(['busybox', 'sh', 'umount', 'find']));
    expect(await complaints()).toEqual({});
  });

  it('says which program is missing on this host, and what cannot be done without it', async () => {
    const { missing } = await contentsFor([step(['no-such-tool', 'x'])], fittings);
    expect(missing).toEqual([{ tool: 'no-such-tool', why: 'no-such-tool x' }]);
  });

  it("holds the administrator's own files, which are not run to prove it", async () => {
    const folder = join(tree, '../own');
    mkdirSync(folder);
    const lights = join(folder, 'lights off');
    writeFileSync(lights, `#!/bin/sh\ntouch '${folder}/ran'\n`, { mode: 0o755 });
    writeFileSync(join(folder, 'list'), 'red\n');
    writeFileSync(join(folder, 'snake'), '#!/usr/bin/python3\n', { mode: 0o755 });
    const files = [join(folder, 'list'), join(folder, 'gone'), '/usr/bin/openssl'];
    const config = { ...DEFAULTS, exitrd_files: files, exitrd_after: [lights, join(folder, 'snake')] };
    const contents = await contentsFor([], { ...fittings, config });
    writeTree(tree, contents, makePlans('host', [], { network: [], rest: [] }, false, ''));
    expect(readFileSync(join(tree, folder, 'list'), 'utf8')).toBe('red\n');
    expect(readFileSync(join(tree, LIB, 'exitrd_after'), 'utf8')).toBe(`${lights}\n${folder}/snake\n`);
    expect(contents.missing).toEqual([{ tool: join(folder, 'gone'), why: 'exitrd_files asks for it, but it is no file' }]);
    expect(contents.items.map(({ why }) => why)).toContain('a library of openssl');
    expect(await complaints()).toEqual({ [join(folder, 'snake')]: expect.stringContaining('its interpreter /usr/bin/python3 is not in the exitrd') });
    expect(readdirSync(folder)).not.toContain('ran');
  });

  it('does not pass with a library missing, which would only show at shutdown', async () => {
    await build([step(['openssl', 'x'])]);
    const library = readdirSync(join(tree, 'usr/lib'), { recursive: true }).find((name) => String(name).includes('libcrypto')) as string;
    rmSync(join(tree, 'usr/lib', library));
    expect(await complaints()).toEqual({ openssl: expect.stringContaining('libcrypto') });
  });

  it('does not pass with a shell that is no program, a broken script, or a damaged plan', async () => {
    await build([step(['umount', '/oldroot'])]);
    writeFileSync(join(tree, LIB, 'steps.sh'), 'if then');
    truncateSync(join(tree, LIB, 'plan.boot'), 100);
    expect(await complaints()).toEqual({ [`${LIB}/steps.sh`]: expect.stringContaining('syntax error'), [`${LIB}/plan.boot`]: 'it is damaged' });
    writeFileSync(join(tree, 'usr/bin/busybox'), 'no program');
    expect(await complaints()).toEqual({ '/bin/sh': expect.any(String) });
  });
});

describe('a plan', () => {
  const sealed = seal(`a plan\nwith lines\n`);
  it('is whole, or not used', () => {
    expect(isWhole(sealed)).toBe(true);
    for (let length = 0; length < sealed.length; length++) expect(isWhole(sealed.slice(0, length))).toBe(false);
    expect(isWhole(sealed.replace('lines', 'limes'))).toBe(false);
  });
});

describe('the hooks', () => {
  it('know the same file systems as the kernel’s own as the mount layer does', () => {
    const own =
      /KERNEL_OWN = new Set\(\s*'([^']+)'/.exec(readFileSync(new URL('../../../src/layers/mount.ts', import.meta.url), 'utf8'))?.[1]?.split(' ') ?? [];
    const inShell = /^ {4}(proc\|.*)\) ;;$/m.exec(readFileSync(join(hooks, 'mounts.sh'), 'utf8'))?.[1]?.split('|') ?? [];
    // What automounts mount has its own step; the automount itself has nothing on any disk.
    expect([...inShell].sort()).toEqual([...own, 'autofs'].sort());
  });
});
