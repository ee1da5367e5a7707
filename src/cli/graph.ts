import { type Command, Option } from 'commander';
import { assemblyOrder } from '../app/assembly.ts';
import { audit } from '../app/audit.ts';
import { renderDot } from '../render/dot.ts';
import { renderMermaid } from '../render/mermaid.ts';
import { renderText } from '../render/text.ts';
import { asJson, painter, printable } from '../render/words.ts';

interface Flags {
  format: 'text' | 'dot' | 'mermaid' | 'svg' | 'json';
  order: 'teardown' | 'assemble';
  sysroot?: string;
}

/** Adds what `uninitramfs graph` takes to a command. */
export function addGraph(command: Command): Command {
  return command
    .description('Draw the stack and the order in which it is taken apart or put together.')
    .argument('[TARGET...]', 'only what is closed for these')
    .addOption(new Option('--format <FORMAT>', 'how to draw it').choices(['text', 'dot', 'mermaid', 'svg', 'json']).default('text'))
    .addOption(
      new Option('--order <ORDER>', 'number the teardown, or the way it is put together at boot').choices(['teardown', 'assemble']).default('teardown'),
    )
    .option('--sysroot <DIR>', 'read a capture instead of this host')
    .action(run);
}
addGraph.commandName = 'graph';

async function run(targets: string[], flags: Flags): Promise<void> {
  const { report, graph, src } = audit(flags.sysroot, targets);
  const assembly = assemblyOrder(report, graph, src);
  const picture = { report, assembly: flags.order === 'assemble' ? assembly : undefined };
  switch (flags.format) {
    case 'json':
      return write(`${asJson(flags.order === 'assemble' ? { schema: 1, host: report.host, nodes: report.nodes, assemble: assembly } : report)}\n`);
    case 'dot':
      return write(renderDot(picture));
    case 'mermaid':
      return write(renderMermaid(picture));
    case 'svg': {
      const { renderSvg } = await import('../render/svg.ts');
      return write(await renderSvg(renderDot(picture)));
    }
    case 'text':
      return write(
        flags.order === 'assemble'
          ? `${assembly.map((each, index) => `${String(index + 1).padStart(4)}  ${printable(each.title)}`).join('\n')}\n`
          : renderText(report, painter(process.stdout, process.env)),
      );
    default:
      return flags.format satisfies never;
  }
}

function write(text: string): void {
  process.stdout.write(text);
}
