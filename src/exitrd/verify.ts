import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { call } from '../run/call.ts';
import { LIB } from './contents.ts';
import { PARTS } from './hooks.ts';
import { isWhole } from './seal.ts';

export interface Checked {
  readonly name: string;
  /** Why it would fail in the exitrd, or undefined. */
  readonly complaint?: string;
}

/** What the dynamic linker says of a library it does not find, in a tree that lacks one (glibc: elf/dl-load.c; musl: ldso/dynlink.c). */
const LINKER_COMPLAINT = /error while loading shared libraries: (.*)|(Error loading shared library .*)/;

/**
 * Proves that a tree can do its work by running every program of it inside it (a chroot, hence root): the interpreter and each
 * library must resolve there. Reads each script with the tree's own shell and checks the plans' sums.
 */
export async function verifyTree(tree: string): Promise<Checked[]> {
  const programs = readdirSync(join(tree, 'usr/bin')).sort();
  const found: Checked[] = [];
  for (const name of programs) {
    const isApplet = lstatSync(join(tree, 'usr/bin', name)).isSymbolicLink();
    if (!isApplet || !existsSync(join(tree, 'usr/bin', 'busybox'))) found.push(await runs(tree, name));
  }
  for (const script of ['/shutdown', ...PARTS.map((part) => `${LIB}/${part}`)]) found.push(await parses(tree, script));
  for (const plan of ['plan', 'plan.boot', 'plan.live']) {
    const place = join(tree, LIB, plan);
    const complaint = !existsSync(place)
      ? 'it is missing'
      : isWhole(readFileSync(place, 'utf8'))
        ? (await parses(tree, `${LIB}/${plan}`)).complaint
        : 'it is damaged';
    found.push({ name: `${LIB}/${plan}`, ...(complaint && { complaint }) });
  }
  return found;
}

async function runs(tree: string, name: string): Promise<Checked> {
  const argv = name === 'busybox' ? ['busybox', 'true'] : [name, '--version'];
  // Any exit code of its own is an answer; 126 and 127 mean that it did not start (chroot(1)).
  const answer = await call(['chroot', tree, '/bin/sh', '-c', '"$@" 2>&1; code=$?; echo; echo "exit $code"', 'sh', ...argv], { seconds: 20 });
  if (answer.is !== 'ok') return { name, complaint: answer.message };
  const linker = LINKER_COMPLAINT.exec(answer.output);
  const code = Number(/exit (\d+)$/.exec(answer.output)?.[1]);
  if (linker) return { name, complaint: linker[1] ?? linker[2] ?? 'a library is missing' };
  return code === 126 || code === 127 ? { name, complaint: answer.output.split('\n')[0] || 'it does not start' } : { name };
}

async function parses(tree: string, script: string): Promise<Checked> {
  const answer = await call(['chroot', tree, '/bin/sh', '-n', script], { seconds: 20 });
  return answer.is === 'ok' ? { name: script } : { name: script, complaint: answer.message };
}
