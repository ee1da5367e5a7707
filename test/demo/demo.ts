import { execFileSync } from 'node:child_process';
import { stripVTControlCharacters } from 'node:util';
import { audit } from '../../src/app/audit.ts';
import type { Report } from '../../src/model/report.ts';
import { renderText } from '../../src/render/text.ts';
import { painter } from '../../src/render/words.ts';
import { installPackages, isDebian, missingPackages } from '../tools/packages.ts';
import { examine } from '../vm/lab/examine.ts';
import { installProgram } from '../vm/lab/installed.ts';
import { type Machine, startMachine } from '../vm/lab/machine.ts';
import { type Ending, endingOf } from './ending.ts';

/** A dry run of this machine, then the whole story: one encrypted server shut down twice, as Debian does it and with this program. */
const paint = painter(process.stdout, process.env);
const say = (line = '') => process.stdout.write(`${line}\n`);
const title = (text: string) => say(`\n${paint('bold', `── ${text} ${'─'.repeat(Math.max(0, 76 - text.length))}`)}\n`);

title('This machine: teardown --dry-run');
say(execFileSync('node', ['dist/teardown.cjs', '--dry-run'], { encoding: 'utf8' }).trimEnd());

const missing = installPackages(say);
if (!isDebian() || process.getuid?.() !== 0 || missing.length > 0) {
  title('The rest needs machines of its own, and those need Debian and root');
  const why =
    missingPackages().length > 0 ? `Missing packages: apt-get install ${missingPackages().join(' ')}` : 'Run it as root on Debian: it calls mmdebstrap once.';
  say(`${why}\nHere is a captured server instead: teardown --dry-run --sysroot test/fixtures/rented-server/sysroot\n`);
  say(renderText(audit('test/fixtures/rented-server/sysroot', []).report, paint));
  process.exit(0);
}

title('A rented server: Debian 13, RAID0 under LUKS under LVM, passphrase at boot');
say('(its disks are built and it boots once; after that it starts from its saved state)\n');
const stock = await shutDown('as Debian does it', async () => undefined);
const ours = await shutDown('with uninitramfs', (machine) => installProgram(machine, { live: true }));

title('Side by side: what was left when the power went');
const width = Math.max(...ours.before.map((name) => name.length), 16);
say(`${''.padEnd(width)}   ${'as Debian does it'.padEnd(20)}   with uninitramfs`);
for (const name of ours.before) say(`${name.padEnd(width)}   ${state(stock, name)}   ${state(ours, name)}`);
say(`${'disks afterwards'.padEnd(width)}   ${disks(stock).padEnd(20)}   ${disks(ours)}`);
say(`${'last word'.padEnd(width)}   ${stock.lastWord}`);
say(`${''.padEnd(width)}   ${ours.lastWord}`);
process.exit(ours.open.length === 0 && ours.complaints.length === 0 ? 0 : 1);

interface Told extends Ending {
  readonly complaints: readonly string[];
}

async function shutDown(how: string, prepare: (machine: Machine) => Promise<void>): Promise<Told> {
  title(`systemctl poweroff, ${how}`);
  const machine = await startMachine('rented-server', { say });
  try {
    await machine.install();
    const report = JSON.parse(await machine.run('teardown --dry-run --json', 60)) as Report;
    await prepare(machine);
    const length = machine.console().length;
    const { reason } = await machine.end('systemctl poweroff');
    const log = stripVTControlCharacters(machine.console().slice(length));
    const telling =
      /Could not|Unable|Cannot finalize|Failed to finalize|Entering exitrd|Returning to initrd|uninitramfs: |busybox\[|md: .* stopped|mounting filesystem|re-mounted|reboot:/;
    const lines = log.split(/\r?\n/).filter((line) => telling.test(line));
    for (const line of lines) say(paint('dim', `  ${line.slice(0, 118)}`));
    if (reason !== 'guest-shutdown') throw new Error(`the machine did not power off: ${reason}`);
    await machine.off();
    return { ...endingOf(log, report), complaints: await examine(machine.folder) };
  } finally {
    await machine.stop();
  }
}

function state(told: Told, name: string): string {
  const isOpen = told.open.includes(name);
  return paint(isOpen ? 'red' : 'green', (isOpen ? 'OPEN' : 'closed').padEnd(20));
}

function disks(told: Told): string {
  return told.complaints.length === 0 ? 'clean' : told.complaints.join(', ');
}
