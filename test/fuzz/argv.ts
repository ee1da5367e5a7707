import type { Argv, Op, Probe, Step } from '../../src/model/step.ts';

/** A place where a name of the host stands. */
const NAME = Symbol('a name');
type Form = readonly (string | typeof NAME)[];

/** Every command that a plan may hold. What begins with a dash is ours, never a name. */
const FORMS: readonly Form[] = [
  ['umount', NAME],
  ['swapoff', NAME],
  ['losetup', '-d', NAME],
  ['mdadm', '--stop', NAME],
  ['mdadm', '--wait-clean', NAME],
  ['cryptsetup', 'close', NAME],
  ['dmsetup', 'remove', NAME],
  ['dmsetup', 'status', NAME],
  ['dmsetup', 'message', NAME, '0', 'flush'],
  ['dmsetup', 'message', NAME, '0', 'fail_if_no_path'],
  ['multipath', '-f', NAME],
  ['multipathd', 'disablequeueing', 'map', NAME],
  ['vgchange', '-an', NAME],
  ['vgchange', '--config', NAME, '-an', NAME],
  ['lvchange', '-an', NAME],
  ['lvchange', '--config', NAME, '-an', NAME],
  ['stratis', 'pool', 'stop', '--uuid', NAME],
  ['systemctl', 'is-active', 'stratisd.service'],
  ['systemctl', 'stop', 'autofs.service'],
  ['systemctl', 'stop', '--', NAME],
  ['cat', '/proc/swaps'],
];

/** What takes a path takes an absolute one: a relative one is a file of wherever the program was started, or an option. */
const PATHS = ['umount', 'swapoff', 'losetup', 'mdadm', 'awk'];

/** lvm2 takes @word for all groups with that tag, and has no name with other characters than these (lvmlockd aside; lvm(8), VALID NAMES). */
const LVM_NAME = /^[a-zA-Z0-9+_.][a-zA-Z0-9+_.-]*(\/[a-zA-Z0-9+_.-]+)?$/;

export function whatIsWrongWithArgv(step: Step): string | undefined {
  for (const argv of commandsOf(step)) {
    if (argv[0] === 'write') {
      if (!/^\/sys\/(block|fs\/bcache)\//.test(argv[1] ?? '') || argv[1]?.includes('/../')) return `a write to ${JSON.stringify(argv)}`;
    } else if (!isKnown(argv)) return `a command of no known form: ${JSON.stringify(argv)}`;
  }
  return undefined;
}

function isKnown(argv: readonly string[]): boolean {
  const [tool = '', ...words] = argv;
  if (words.some((word) => word.includes('\0'))) return false;
  if (tool === 'awk') return words[0] === '{print $1, $3, $5, $7}' && words.slice(1).every((path) => path.startsWith('/sys/'));
  return FORMS.some(
    (form) =>
      form.length === argv.length &&
      form.every((part, index) => (part === NAME ? isName(argv[index] ?? '', tool, index === argv.length - 1) : part === argv[index])),
  );
}

function isName(word: string, tool: string, isLast: boolean): boolean {
  if (word.startsWith('-')) return false;
  if (PATHS.includes(tool)) return word.startsWith('/');
  return ['vgchange', 'lvchange'].includes(tool) && isLast ? LVM_NAME.test(word) : true;
}

function commandsOf(step: Step): (Argv | readonly ['write', string])[] {
  const ofOp = (op: Op): (Argv | readonly ['write', string])[] => {
    if (op.op === 'wait') return ofProbe(op.until);
    return [op.op === 'run' ? op.argv : (['write', op.path] as const), ...(op.unless ? ofProbe(op.unless) : [])];
  };
  return [...[...step.ops, ...(step.bare ?? [])].flatMap(ofOp), ...ofProbe(step.unless), ...(step.progress ? [step.progress] : [])];
}

function ofProbe(probe: Probe): Argv[] {
  if (probe.is === 'not') return ofProbe(probe.of);
  if (probe.is === 'all') return probe.of.flatMap(ofProbe);
  return probe.is === 'field' ? [probe.argv] : [];
}
