import { existsSync } from 'node:fs';
import { helperProgram } from '../exitrd/hooks.ts';
import { containerName } from '../findings/container.ts';
import { UserError } from '../model/errors.ts';
import { call } from '../run/call.ts';
import { openDoor } from '../sources/door.ts';
import { readGraph } from './audit.ts';

/** Names of the mappings that would lose their key, those below the root too. */
export function keysAtRisk(): string[] {
  const { graph } = readGraph(openDoor());
  return graph.ofKind('crypt').map((node) => node.name);
}

/**
 * Takes the key from every dm-crypt mapping and powers off, within a second and without writing anything out. Does not return when it works.
 * @throws UserError when nothing was done: not root, a container, no helper.
 */
export async function panic(): Promise<void> {
  const container = containerName(openDoor());
  if (container) throw new UserError(`this is a ${container} container: the keys are the host's. Run it there`);
  if (process.getuid?.() !== 0) throw new UserError('dropping keys takes root: run it with sudo');
  const helper = helperProgram();
  if (!existsSync(helper)) throw new UserError(`${helper} is missing: build it where there is a C compiler (apt-get install musl-tools, npm run build)`);
  const end = await call([helper, 'panic'], { seconds: 10 });
  throw new UserError(`the machine is still on: ${end.is === 'ok' ? 'the kernel refused to power off' : end.message}`);
}
