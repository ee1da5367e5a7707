import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Answer, Guest } from '../../../src/rehearse/guest.ts';
import { bootMachine } from '../../../src/rehearse/machine.ts';
import { ensureTree } from './tree.ts';

export type { Answer, Guest };

const HERE = fileURLToPath(new URL('.', import.meta.url));
const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));

export interface GuestOptions {
  readonly hostname?: string;
  readonly memory?: string;
  readonly modules?: readonly string[];
  /** With systemd as PID 1 instead of the agent alone. */
  readonly systemd?: boolean;
  /** Puts files into the share before the start. @returns arguments for the guest's kernel, such as disks: ubda=/lab/FILE. */
  readonly prepare?: (share: string) => readonly string[];
  readonly say?: (line: string) => void;
}

/** Boots a guest over the lab's tree. The project's dist/ is /lab/dist, and the commands `teardown` and `uninitramfs` are there. */
export async function bootGuest({ say, prepare, ...options }: GuestOptions = {}): Promise<Guest> {
  const tree = await ensureTree(say ?? ((line) => process.stderr.write(`${line}\n`)));
  if (!existsSync(join(PROJECT, 'dist/uninitramfs.cjs'))) throw new Error('dist/ is missing: npm run build');
  return bootMachine({
    ...options,
    tree,
    prepare: (share) => {
      fillShare(share, options.systemd === true);
      return prepare?.(share) ?? [];
    },
  });
}

function fillShare(share: string, systemd: boolean): void {
  cpSync(join(PROJECT, 'dist'), join(share, 'dist'), { recursive: true });
  cpSync(join(PROJECT, 'test/vm/hosts'), join(share, 'hosts'), { recursive: true });
  if (systemd) cpSync(join(HERE, 'units'), join(share, 'units'), { recursive: true });
  mkdirSync(join(share, 'bin'));
  for (const name of ['teardown', 'uninitramfs']) writeFileSync(join(share, 'bin', name), `#!/bin/sh\nexec node /lab/dist/${name}.cjs "$@"\n`, { mode: 0o755 });
}
