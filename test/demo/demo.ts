import { execFileSync } from 'node:child_process';
import { audit } from '../../src/app/audit.ts';
import { renderText } from '../../src/render/text.ts';
import { painter } from '../../src/render/words.ts';
import { installPackages, isDebian, missingPackages } from '../tools/packages.ts';
import { bootGuest } from '../vm/lab/uml.ts';

/** Shows a dry run of this machine, then takes a real nas stack apart in a guest of its own and proves that all is closed. */
const paint = painter(process.stdout, process.env);
const say = (line = '') => process.stdout.write(`${line}\n`);
const title = (text: string) => say(`\n${paint('bold', `── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}`)}\n`);

title('This machine: teardown --dry-run');
say(execFileSync('node', ['dist/teardown.cjs', '--dry-run'], { encoding: 'utf8' }).trimEnd());

const missing = installPackages(say);
if (!isDebian() || process.getuid?.() !== 0 || missing.length > 0) {
  title('A real teardown needs a guest, and the guest needs Debian and root');
  const why =
    missingPackages().length > 0 ? `Missing packages: apt-get install ${missingPackages().join(' ')}` : `Run it as root on Debian: it calls mmdebstrap once.`;
  say(`${why}\nHere is the bundled capture of a nas instead: teardown --dry-run --sysroot test/fixtures/nas/sysroot\n`);
  say(renderText(audit('test/fixtures/nas/sysroot', []).report, paint));
  process.exit(0);
}

title('A guest with a nas: btrfs RAID5 on LVM on LUKS, keys on a device of their own');
const guest = await bootGuest({ hostname: 'nas', memory: '3G', say });
try {
  say('building three disks, nine LUKS devices, three volume groups and two btrfs in it (about half a minute)…');
  const clock = setInterval(() => process.stdout.write('.'), 2000);
  await guest.run('. /lab/hosts/nas.sh\nbuild', 300).finally(() => clearInterval(clock));
  say('\n');
  say(await guest.run('lsblk -o NAME,SIZE,TYPE,MOUNTPOINTS'));
  title('In the guest: teardown --dry-run');
  say(await guest.run('teardown --dry-run'));
  title('In the guest: teardown --yes');
  const run = await guest.try('teardown --yes');
  say(run.out + run.err);
  title("The proof, by the system's own tools");
  say(await guest.run('echo "\\$ dmsetup ls"; dmsetup ls; echo "\\$ cat /proc/swaps"; cat /proc/swaps; echo "\\$ lsblk"; lsblk -o NAME,SIZE,TYPE,MOUNTPOINTS'));
  say(await guest.run('. /lab/hosts/nas.sh\nclosed'));
  say('and every device opens again, every file system is clean, every checksum is the same:');
  await guest.run('. /lab/hosts/nas.sh\nreopen', 120);
  say('yes');
  process.exitCode = run.code;
} finally {
  await guest.stop();
}
process.exit();
