import type { Command } from 'commander';
import type { InForce } from '../app/config.ts';
import { inToml } from '../model/toml.ts';
import { asJson, painter, printable } from '../render/words.ts';
import { hang } from '../render/wrap.ts';

const COLUMNS = 80;

/** Adds what `uninitramfs config` takes to a command. */
export function addConfig(command: Command): Command {
  return command
    .description('Print the configuration that is in force, and where each value comes from. It can be saved as a configuration file.')
    .option('--sysroot <DIR>', 'read what lies below DIR instead of this host')
    .option('--json', 'as JSON')
    .action(async (flags: { sysroot?: string; json?: boolean }) => {
      const { configWithProblems } = await import('../app/config.ts');
      const settings = configWithProblems(flags.sysroot);
      process.stdout.write(flags.json ? `${asJson(settings)}\n` : settings.map(asText).join('\n'));
    });
}
addConfig.commandName = 'config';

function asText({ key, value, from, takes, about, problem }: InForce): string {
  const paint = painter(process.stdout, process.env);
  const hindrance = problem === undefined ? [] : hang('# ', printable(`Not possible here: ${problem}.`)).map((line) => `# ${line.slice(2)}`);
  const comments = [...[about, `It can be ${takes}.`, `From: ${from}`].map((line) => printable(`# ${line}`)), ...hindrance].map((line) => paint('dim', line));
  return [...comments, ...assignment(key, value).map(printable), ''].join('\n');
}

/** A list that is too long for a line has a line for each of its members. */
function assignment(key: string, value: unknown): string[] {
  const line = `${key} = ${inToml(value)}`;
  if (line.length <= COLUMNS || !Array.isArray(value)) return [line];
  return [`${key} = [`, ...value.map((each) => `  ${inToml(each)},`), ']'];
}
