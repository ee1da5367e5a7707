import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianChangelog } from './changelog.ts';
import { packageContents } from './contents.ts';
import { controlFile, md5sums } from './control.ts';
import type { Entry } from './entry.ts';
import { stage } from './stage.ts';

const SCRIPTS = ['postinst', 'prerm', 'postrm'];

/**
 * Packs a built project for Debian: the same bytes for the same sources, whoever does it and when.
 * @returns the path of the package.
 */
export function buildPackage(project: string, out: string, env: NodeJS.ProcessEnv = process.env): string {
  const read = (path: string) => readFileSync(join(project, path), 'utf8');
  // For Debian 1.0.0-beta would be later than 1.0.0, and 1.0.0~beta is earlier.
  const version = (JSON.parse(read('package.json')) as { version: string }).version.replaceAll('-', '~');
  const architecture = execFileSync('dpkg', ['--print-architecture'], { encoding: 'utf8' }).trim();
  const maintainer = `${env.DEBFULLNAME ?? 'uninitramfs developers'} <${env.DEBEMAIL ?? 'maintainers@uninitramfs.invalid'}>`;
  const epoch = epochOf(project, env);
  const entries = packageContents(project, version, debianChangelog(read('CHANGELOG.md'), version, maintainer, epoch));
  const control: Entry[] = [
    { path: 'DEBIAN/control', is: { content: controlFile(version, architecture, maintainer, entries) } },
    { path: 'DEBIAN/md5sums', is: { content: md5sums(entries) } },
    ...SCRIPTS.map((name) => ({ path: `DEBIAN/${name}`, is: { content: read(`src/build/debian/${name}.sh`) }, executable: true })),
  ];
  const tree = mkdtempSync(join(tmpdir(), 'uninitramfs-deb-'));
  const file = join(out, `uninitramfs_${version}_${architecture}.deb`);
  try {
    stage(tree, [...entries, ...control], epoch);
    mkdirSync(out, { recursive: true });
    execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--build', tree, file], {
      env: { ...env, SOURCE_DATE_EPOCH: String(epoch) },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
  return file;
}

/** When the sources were last changed, in seconds (reproducible-builds.org). */
function epochOf(project: string, env: NodeJS.ProcessEnv): number {
  if (env.SOURCE_DATE_EPOCH) return Number(env.SOURCE_DATE_EPOCH);
  try {
    return Number(execFileSync('git', ['-C', project, 'log', '-1', '--format=%ct'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    // Sources without their history.
    return Math.floor(statSync(join(project, 'CHANGELOG.md')).mtimeMs / 1000);
  }
}
