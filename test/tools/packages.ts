import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { execaSync } from 'execa';

/** What the tests' guests and the demo need of the machine, each with the program or file it is known by. */
const NEEDED = {
  mmdebstrap: 'mmdebstrap',
  'debian-archive-keyring': '/usr/share/keyrings/debian-archive-keyring.gpg',
  'util-linux': 'unshare',
  'qemu-system-x86': 'qemu-system-x86_64',
  'qemu-utils': 'qemu-img',
  ovmf: '/usr/share/OVMF/OVMF_CODE_4M.fd',
  shellcheck: 'shellcheck',
  bash: 'bash',
  'busybox-static': 'busybox',
  openssl: 'openssl',
  'musl-tools': 'musl-gcc',
  kmod: 'depmod',
  e2fsprogs: 'debugfs',
} as const;

/**
 * What the tests need beside that: who else reads the package for Debian (its linter, man's, the shells it has completions for), the browser that shows
 * the audit's page, and servers of disks.
 */
const FOR_TESTS = {
  lintian: 'lintian',
  mandoc: 'mandoc',
  zsh: 'zsh',
  fish: 'fish',
  chromium: 'chromium',
  'nbd-server': 'nbd-server',
  tgt: 'tgtadm',
} as const;

/** Which of these packages this machine lacks. */
export function missingPackages(wanted: Readonly<Record<string, string>> = NEEDED): string[] {
  const places = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];
  const isHere = (proof: string) => (proof.startsWith('/') ? existsSync(proof) : places.some((place) => existsSync(join(place, proof))));
  return Object.entries(wanted).flatMap(([name, proof]) => (isHere(proof) ? [] : [name]));
}

export function isDebian(): boolean {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  return /^ID(_LIKE)?=.*debian/m.test(release);
}

/** Installs what is missing, as root on a Debian machine. @returns what is still missing. */
export function installPackages(say: (line: string) => void, wanted: Readonly<Record<string, string>> = NEEDED): string[] {
  const missing = missingPackages(wanted);
  if (missing.length === 0 || !isDebian() || process.getuid?.() !== 0) return missing;
  say(`installing ${missing.join(' ')}`);
  const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, stdout: 'ignore', timeout: 600_000 } as const;
  execaSync('apt-get', ['update', '-q'], options);
  execaSync('apt-get', ['install', '-qy', '--no-install-recommends', ...missing], options);
  return missingPackages(wanted);
}

if (process.argv[1] === new URL(import.meta.url).pathname) {
  const missing = installPackages((line) => process.stderr.write(`${line}\n`), { ...NEEDED, ...FOR_TESTS });
  if (missing.length > 0) {
    process.stderr.write(`the tests need these packages: apt-get install ${missing.join(' ')}\n`);
    process.exit(1);
  }
}
