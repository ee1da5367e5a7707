import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bootGuest } from '../vm/lab/uml.ts';

/**
 * Makes test/fixtures/HOST/sysroot anew: builds each reference host in a guest with its root on the stack, enters that root
 * and runs the program's own capture there. Golden plans follow with "npm run fixtures:golden".
 */
const HOSTS: Record<string, { env?: string; programs?: string }> = {
  nas: {},
  'rented-server': {},
  arbitrary1: { env: 'ONE=/' },
  arbitrary2: { env: 'EXT4=/' },
  arbitrary3: { env: 'EXT4=/' },
  impermanence: { programs: '/nix/store' },
};

const fixtures = fileURLToPath(new URL('../fixtures/', import.meta.url));
const chosen = process.argv.slice(2);
for (const [host, { env = '', programs = '/usr' }] of Object.entries(HOSTS)) {
  if (chosen.length > 0 && !chosen.includes(host)) continue;
  const guest = await bootGuest({ hostname: host, memory: '4G' });
  try {
    await guest.run(`${env}\n. /lab/hosts/${host}.sh\n. /lab/hosts/live-on.sh\nbuild\nlive_on ${programs} capture`, 300);
    const place = `${fixtures}${host}/sysroot`;
    rmSync(place, { recursive: true, force: true });
    mkdirSync(place, { recursive: true });
    cpSync(`${guest.share}/capture`, place, { recursive: true, verbatimSymlinks: true });
    process.stderr.write(`${host}: captured\n`);
  } finally {
    await guest.stop();
  }
}
process.exit(0);
