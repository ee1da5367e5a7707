import type { Command } from 'commander';
import { audit } from '../app/audit.ts';
import { UserError } from '../model/errors.ts';
import type { Report } from '../model/report.ts';
import { renderText } from '../render/text.ts';
import { asJson, painter } from '../render/words.ts';

interface Flags {
  dryRun?: boolean;
  json?: boolean;
  yes?: boolean;
  kill?: boolean;
  keepGoing?: boolean;
  failQueued?: boolean;
  sysroot?: string;
}

/** Adds what `teardown` takes to a command. */
export function addTeardown(command: Command): Command {
  return command
    .description('Unmount and close everything outside the root, or only what TARGET needs closed.')
    .argument('[TARGET...]', 'mount point, device path, mapper name, VG, VG/LV, array or /dev/disk/by-*')
    .option('-n, --dry-run', 'show the stack, the steps and the findings; touch nothing')
    .option('--json', 'print the report as JSON (its JSON Schema ships with the package)')
    .option('-y, --yes', 'do not ask; needed without a TARGET where there is no terminal')
    .option('--kill', 'end whoever is in the way: stop units, then SIGTERM, then SIGKILL, each named')
    .option('--keep-going', 'close what stands above something busy too')
    .option('--fail-queued', 'where a multipath map has no path left, have what waits for one fail: what was not written is lost')
    .option('--sysroot <DIR>', 'read a capture instead of this host (only with --dry-run)')
    .action(run);
}
addTeardown.commandName = 'teardown';

async function run(targets: string[], flags: Flags): Promise<void> {
  if (flags.sysroot !== undefined && !flags.dryRun) throw new UserError('--sysroot reads a capture, which cannot be torn down: add --dry-run');
  if (flags.dryRun) {
    print(audit(flags.sysroot, targets.map(absolute)).report, flags);
    return;
  }
  live = true;
  const { runLive } = await import('./teardown-live.ts');
  process.exitCode = await runLive(targets.map(absolute), flags);
}

let live = false;

/** Whether a live run is at work, which nothing but a signal may end. */
export function isLive(): boolean {
  return live;
}

/** A relative path means what a shell means by it; a bare name is a name. */
function absolute(target: string): string {
  return /^\.{1,2}(\/|$)/.test(target) ? `${process.cwd()}/${target}`.replace(/\/\.(?=\/|$)/g, '').replace(/\/[^/]+\/\.\.(?=\/|$)/g, '') || '/' : target;
}

function print(report: Report, flags: Flags): void {
  process.stdout.write(flags.json ? `${asJson(report)}\n` : renderText(report, painter(process.stdout, process.env)));
}
