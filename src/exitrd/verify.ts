import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { EXITRD_LIB as LIB } from '../model/places.ts';
import { call } from '../run/call.ts';
import { GIVEN, PARTS } from './hooks.ts';
import { isWhole } from './seal.ts';

export interface Checked {
  readonly name: string;
  /** Why it would fail in the exitrd, or undefined. */
  readonly complaint?: string;
}

/** What the dynamic linker says of a library it does not find (glibc: elf/dl-load.c; musl: ldso/dynlink.c). */
const LINKER_COMPLAINT = /error while loading shared libraries: (.*)|(Error loading shared library .*)/;

/** One shell for all of them: starting a chroot for each would be most of the time an installation takes. */
const TRY_ALL = `for name; do
  case $name in
    busybox) said=$(busybox true 2>&1); code=$? ;;
    */*) said=$(sh -n "$name" 2>&1); code=$? ;;
    *) said=$("$name" --version 2>&1); code=$? ;;
  esac
  printf '%s\\t%s\\t%s\\n' "$name" "$code" "$(printf %s "$said" | sed -n 1p)"
done`;

/**
 * Proves that a tree can do its work by running every program of it inside it (a chroot, hence root): the interpreter and each
 * library must resolve there. Reads each script with the tree's own shell and checks the plans' sums.
 */
export async function verifyTree(tree: string): Promise<Checked[]> {
  const given = givenBy(tree);
  const programs = readdirSync(join(tree, 'usr/bin')).filter(
    (name) => !lstatSync(join(tree, 'usr/bin', name)).isSymbolicLink() && !given.includes(`/usr/bin/${name}`),
  );
  // Only the plan of the boot is always there.
  const plans = ['plan.boot', 'plan', 'plan.live', 'plan.network']
    .map((name) => `${LIB}/${name}`)
    .filter((name) => name.endsWith('.boot') || existsSync(join(tree, name)));
  const names = [...new Set(['busybox', ...programs.sort()]), '/shutdown', ...PARTS.map((part) => `${LIB}/${part}`), ...plans];
  const answer = await call(['chroot', tree, '/bin/sh', '-c', TRY_ALL, 'sh', ...names], { seconds: 60 });
  if (answer.is !== 'ok') return [{ name: '/bin/sh', complaint: answer.message }];
  const lines = new Map(answer.output.split('\n').map((line) => [line.split('\t')[0], line.split('\t').slice(1)] as const));
  const own = names.map((name) => {
    const complaint = (plans.includes(name) ? damage(join(tree, name)) : undefined) ?? complaintOf(name, lines.get(name));
    return complaint === undefined ? { name } : { name, complaint };
  });
  return [...own, ...given.map((name) => ({ name, ...withoutInterpreter(tree, name) }))];
}

/** The administrator's own files. What they do when they are started nobody knows, so they are not. */
function givenBy(tree: string): string[] {
  const lists = GIVEN.map((name) => join(tree, LIB, name)).filter((list) => existsSync(list));
  return [...new Set(lists.flatMap((list) => readFileSync(list, 'utf8').split('\n').filter(Boolean)))];
}

function withoutInterpreter(tree: string, name: string): Pick<Checked, 'complaint'> {
  const path = join(tree, name);
  if (!existsSync(path)) return { complaint: 'it is missing' };
  const interpreter = /^#!\s*(\/\S+)/.exec(readFileSync(path, 'latin1').slice(0, 256))?.[1];
  if (interpreter === undefined || existsSync(join(tree, interpreter))) return {};
  return { complaint: `its interpreter ${interpreter} is not in the exitrd: name it in exitrd_files, or write it for /bin/sh` };
}

function damage(plan: string): string | undefined {
  if (!existsSync(plan)) return 'it is missing';
  return isWhole(readFileSync(plan, 'utf8')) ? undefined : 'it is damaged';
}

function complaintOf(name: string, line: readonly string[] | undefined): string | undefined {
  const [code = '', said = ''] = line ?? [];
  const linker = LINKER_COMPLAINT.exec(said);
  if (linker) return linker[1] ?? linker[2];
  // A program's own exit code is an answer; 126 and 127 mean that it did not start (POSIX, XCU 2.8.2). A script must be without a fault.
  const failed = line === undefined || ['126', '127'].includes(code) || (name.includes('/') && code !== '0');
  return failed ? said || 'it does not start' : undefined;
}
