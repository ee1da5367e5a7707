import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianChangelog } from '../../../src/build/debian/changelog.ts';
import { buildPackage } from '../../../src/build/debian/package.ts';

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const run = (...[program, ...args]: [string, ...string[]]) => execFileSync(program, args, { encoding: 'utf8' });

let folder: string;
let deb: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'uninitramfs-test-'));
  deb = buildPackage(PROJECT, folder);
}, 60_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What tar says of each member: its mode, its owner, and its path with the link's end. */
const members = () =>
  run('dpkg-deb', '--contents', deb)
    .trim()
    .split('\n')
    .map((line) => {
      const [mode = '', owner, _size, _date, _time, ...path] = line.split(/\s+/);
      return { mode, owner, path: path.join(' ') };
    });

describe('the package for Debian', () => {
  it('has the fields that dpkg and apt decide by', () => {
    expect(run('dpkg-deb', '--info', deb)).toMatch(/Package: uninitramfs/);
    const field = (name: string) => run('dpkg-deb', '--field', deb, name).trim();
    expect(field('Version')).toMatch(/^\d+\.\d+\.\d+/);
    expect(field('Architecture')).toBe(run('dpkg', '--print-architecture').trim());
    expect(field('Depends')).toBe('nodejs (>= 20.19), busybox-static | busybox, dmsetup, mount');
    expect(field('Recommends')).toContain('cryptsetup-bin');
    expect(Number(field('Installed-Size'))).toBeGreaterThan(1000);
  });

  it('belongs to root, and nobody else can write in it', () => {
    for (const { mode, owner, path } of members()) {
      expect(owner, path).toBe('root/root');
      if (!mode.startsWith('l')) expect(mode, path).toMatch(/^(d|-)rw[x-]r-[x-]r-[x-]$/);
    }
  });

  it('holds all that is to be installed, and nothing to develop with', () => {
    const paths = members().map(({ path }) => path.replace(/^\.\//, ''));
    expect(paths).toEqual(
      expect.arrayContaining([
        'usr/sbin/teardown -> ../lib/uninitramfs/dist/teardown.cjs',
        'usr/sbin/uninitramfs -> ../lib/uninitramfs/dist/uninitramfs.cjs',
        'usr/lib/uninitramfs/dist/uninitramfs-helper',
        'usr/lib/uninitramfs/dist/rehearse/agent.sh',
        ...readdirSync(join(PROJECT, 'systemd')).map((name) => `usr/lib/systemd/system/${name}`),
        ...readdirSync(join(PROJECT, 'shutdown-hooks')).flatMap((name) => (name.endsWith('.sh') ? [`usr/lib/uninitramfs/shutdown-hooks/${name}`] : [])),
        'usr/share/man/man8/teardown.8.gz',
        'usr/share/man/man8/uninitramfs.8.gz',
        'usr/share/man/man7/uninitramfs-exitrd.7.gz',
        'usr/share/man/man5/uninitramfs.toml.5.gz',
        'usr/share/bash-completion/completions/teardown',
        'usr/share/zsh/vendor-completions/_uninitramfs',
        'usr/share/fish/vendor_completions.d/uninitramfs.fish',
        'usr/share/doc/uninitramfs/copyright',
        'usr/share/doc/uninitramfs/changelog.gz',
      ]),
    );
    expect(paths.filter((path) => /\.(ts|c|deb)$|LEGAL|node_modules|^(etc|run|var)\//.test(path))).toEqual([]);
  });

  it('works from where it is unpacked, by the node that Debian installs', () => {
    const root = join(folder, 'root');
    run('dpkg-deb', '--extract', deb, root);
    expect(run('node', join(root, 'usr/sbin/teardown'), '--version')).toBe(run('dpkg-deb', '--field', deb, 'Version').replace('~', '-'));
    expect(readFileSync(join(root, 'usr/sbin/uninitramfs'), 'utf8')).toMatch(/^#!\/usr\/bin\/node\n/);
    expect(statSync(join(root, 'usr/lib/uninitramfs/shutdown-hooks/shutdown.sh')).mode & 0o777).toBe(0o755);
    execFileSync('md5sum', ['--check', '--quiet', join(controlOf(), 'md5sums')], { cwd: root });
  });

  it('enables what is safe to enable, starts nothing but the exitrd and what waits for the end of the network, and takes it away again', () => {
    const script = (name: string) => readFileSync(join(controlOf(), name), 'utf8').replace(/^\s*#.*/gm, '');
    const units = readdirSync(join(PROJECT, 'systemd'));
    for (const unit of units) expect([script('postinst'), script('postrm')].map((text) => text.includes(unit))).toEqual([true, true]);
    expect(script('postinst').match(/deb-systemd-invoke.*/g)).toEqual([
      'deb-systemd-invoke "$action" uninitramfs-exitrd.service >/dev/null || true',
      'deb-systemd-invoke start uninitramfs-network.service >/dev/null || true',
    ]);
    expect(script('prerm')).toContain('uninitramfs exitrd remove');
  });

  it('is the same, byte for byte, when it is built again by somebody with another umask', () => {
    const umask = process.umask(0o077);
    try {
      expect(readFileSync(buildPackage(PROJECT, join(folder, 'again'))).equals(readFileSync(deb))).toBe(true);
    } finally {
      process.umask(umask);
    }
  });

  it('is clean for lintian', () => {
    const { status, stdout } = spawnSync('lintian', ['--allow-root', '--fail-on=error,warning', deb], { encoding: 'utf8' });
    expect([stdout, status]).toEqual(['', 0]);
  });

  let control: string | undefined;
  function controlOf(): string {
    if (control === undefined) {
      control = join(folder, 'control');
      run('dpkg-deb', '--control', deb, control);
    }
    return control;
  }
});

it('the copyright names every package of npm that is in a bundle', async () => {
  const { metafile } = await build({
    entryPoints: [join(PROJECT, 'src/cli/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
    metafile: true,
    outdir: folder,
    logLevel: 'silent',
  });
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const bundled = inputs.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? (/.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1] ?? []) : []));
  const copyright = readFileSync(join(PROJECT, 'src/build/debian/copyright'), 'utf8');
  const named = [...copyright.matchAll(/node_modules\/((?:@[^/]+\/)?[^/]+)\/\*$/gm)].map((match) => match[1]);
  expect([...new Set(named)].sort()).toEqual([...new Set(bundled)].sort());
});

it("Debian's changelog is made from CHANGELOG.md", () => {
  const markdown = `# Changelog\n\n## Unreleased\n\n- New: \`a\` ${'word '.repeat(20)}\n  goes on.\n- Second.\n\n## 0.1.0 (2026-11-01)\n\n- First.\n`;
  expect(debianChangelog(markdown, '0.2.0', 'A <a@b.c>', 1_795_000_000)).toBe(`uninitramfs (0.2.0) unstable; urgency=medium

  * New: a word word word word word word word word word word word word word
    word word word word word word word goes on.
  * Second.

 -- A <a@b.c>  Wed, 18 Nov 2026 11:06:40 +0000

uninitramfs (0.1.0) unstable; urgency=medium

  * First.

 -- A <a@b.c>  Sun, 01 Nov 2026 12:00:00 +0000
`);
});
