import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildPackage } from './debian/package.ts';

/** `npm run deb`: dist/ as a package for Debian; with --check, read by lintian as well. */
const project = fileURLToPath(new URL('../..', import.meta.url));
const dist = `${project}dist`;
// So that dist/*.deb is this version alone.
for (const old of readdirSync(dist).filter((name) => name.endsWith('.deb'))) rmSync(`${dist}/${old}`);
const file = buildPackage(project, dist);
process.stdout.write(`${file}\n`);
if (process.argv.includes('--check')) {
  const { status, error } = spawnSync('lintian', ['--allow-root', '--fail-on=error,warning', file], { stdio: 'inherit' });
  if (error) process.stderr.write('lintian is not installed: apt-get install lintian\n');
  process.exitCode = status ?? 1;
}
