import type { Command } from 'commander';
import type { Exitrd } from '../app/exitrd.ts';
import { asJson, painter, printable } from '../render/words.ts';

/** Adds what `uninitramfs exitrd` takes to a command. */
export function addExitrd(command: Command): Command {
  command.description('The tree that systemd enters at shutdown, when nothing lives on the root any more, to close what lies below it.');
  const verb = (name: string, description: string, run: (app: App, ...rest: never[]) => Promise<void>) =>
    command
      .command(name)
      .description(description)
      .action(async (...rest) => run(await import('../app/exitrd.ts'), ...(rest as never[])));
  verb('install', 'make the tree, prove that its programs run, and put it at /run/initramfs', async (app) => {
    const made = await app.installExitrd();
    say(`the exitrd is in place: ${made.steps.length} steps, ${mib(app.sizeOf(made.contents))}`);
    warn(made);
  });
  verb('refresh', 'rewrite the plan in the installed tree from the host as it is now', async (app) => {
    const { steps, added } = await app.refreshExitrd();
    say(`the exitrd knows this host as it is now: ${steps} steps${added.length > 0 ? `, added ${added.join(', ')}` : ''}`);
  });
  verb('remove', 'take the tree away again', (app) => app.removeExitrd());
  verb('show', 'list what goes into the tree and why; touch nothing', async (app, flags: { sysroot?: string; json?: boolean }) => {
    const made = await app.exitrdFor(flags.sysroot);
    if (flags.json) return say(asJson({ items: made.contents.items.map(plain), missing: made.contents.missing, bytes: app.sizeOf(made.contents) }));
    show(made, app.sizeOf(made.contents));
  })
    .option('--sysroot <DIR>', 'the host of this capture, with the programs of this one')
    .option('--json', 'as JSON');
  verb('verify', 'run every program of the tree inside it', async (app, tree: string | undefined) => {
    const checked = await app.verifyExitrd(tree);
    for (const { name, complaint } of checked.filter((each) => each.complaint)) say(`${name}: ${printable(complaint ?? '')}`);
    const bad = checked.filter((each) => each.complaint).length;
    say(
      bad === 0 ? `all ${checked.length} programs and scripts of the tree work in it` : `${bad} of ${checked.length} do not work: uninitramfs exitrd install`,
    );
    process.exitCode = bad === 0 ? 0 : 1;
  }).argument('[DIR]', 'a tree that "build" made (default: the installed one)');
  verb('build', 'write the tree into a directory, for looking', async (app, flags: { out: string; sysroot?: string }) => {
    const made = await app.buildExitrd(flags.out, flags.sysroot);
    say(`${flags.out}: ${made.contents.items.length} files and links, ${mib(app.sizeOf(made.contents))}`);
    warn(made);
  })
    .requiredOption('--out <DIR>', 'an empty or new directory')
    .option('--sysroot <DIR>', 'the host of this capture, with the programs of this one');
  return command;
}
addExitrd.commandName = 'exitrd';

type App = typeof import('../app/exitrd.ts');

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function mib(bytes: number): string {
  return `${(bytes / 1048576).toFixed(1)} MiB`;
}

function plain(item: Exitrd['contents']['items'][number]) {
  return { path: item.path, bytes: item.bytes, why: item.why, ...('link' in item.is && { link: item.is.link }) };
}

function show(made: Exitrd, bytes: number): void {
  const paint = painter(process.stdout, process.env);
  const files = made.contents.items.filter((item) => !('link' in item.is) || item.is.link !== 'busybox');
  const width = Math.max(...files.map((item) => item.path.length));
  for (const item of files) {
    const size = 'link' in item.is ? `-> ${item.is.link}` : `${(item.bytes / 1024).toFixed(0)} KiB`;
    say(`${item.path.padEnd(width)}  ${size.padStart(9)}  ${paint('dim', printable(item.why))}`);
  }
  say(`\n${mib(bytes)} in ${files.length} files; the plan has ${made.steps.length} steps`);
  warn(made);
}

function warn(made: Exitrd): void {
  if (made.complaint !== undefined) say(`!  ${printable(made.complaint)}. Until then the defaults hold`);
  if (made.receipt.is === 'impossible') say(`!  no receipt can be left: ${printable(made.receipt.why)}`);
  for (const { tool, why } of made.contents.missing) say(`!  ${tool} is not installed, so the exitrd cannot: ${printable(why)}`);
}
