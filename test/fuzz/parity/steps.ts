import { join } from 'node:path';
import fc from 'fast-check';
import type { Op, Probe, Step } from '../../../src/model/step.ts';

const FILES = ['a', 'b c', "d'e", '$(id)', 'n\nl', '-x'];
const file = fc.constantFrom(...FILES);
const text = fc.oneof(
  fc.constantFrom('', 'yes', ' no ', 'two words', "it's", '$(echo)', '`x`', '\\040', 'a\nb', '*', '"', '%s', '-n'),
  fc.string({ maxLength: 8 }).filter((each) => !each.includes('\0')),
);

function probes(at: string): fc.Arbitrary<Probe> {
  const leaf = fc.oneof(
    file.map((name): Probe => ({ is: 'exists', path: join(at, name) })),
    fc
      .record({ name: file, text: fc.constantFrom('yes', 'no', '', 'a\nb') })
      .map(({ name, text: wanted }): Probe => ({ is: 'equals', path: join(at, name), text: wanted })),
    fc.constantFrom<Probe>(
      { is: 'mounted', path: '/proc' },
      { is: 'mounted', path: '/proc', type: 'proc' },
      { is: 'mounted', path: '/proc', type: 'ext4' },
      { is: 'mounted', path: '/proc', mountId: 999_999 },
      { is: 'mounted', path: '/no such\nplace' },
      { is: 'swapped', path: '/no/swap' },
    ),
    fc
      .record({ index: fc.nat(3), text: fc.constantFrom('two', '*', '') })
      .map(({ index, text: wanted }): Probe => ({ is: 'field', argv: [join(at, 'tool'), 'say', 'one two', '* three'], index, text: wanted })),
    fc.constant<Probe>({ is: 'field', argv: [join(at, 'tool'), 'fail', '3'], index: 0, text: 'first' }),
  );
  const tree = fc.letrec<{ probe: Probe }>((tie) => ({
    probe: fc.oneof(
      { depthSize: 'small', maxDepth: 3 },
      leaf,
      tie('probe').map((of): Probe => ({ is: 'not', of })),
      fc.array(tie('probe'), { maxLength: 3 }).map((of): Probe => ({ is: 'all', of })),
    ),
  }));
  return tree.probe;
}

function ops(at: string): fc.Arbitrary<Op> {
  const tool = join(at, 'tool');
  const unless = fc.option(probes(at), { nil: undefined }).map((probe) => (probe ? { unless: probe } : {}));
  const argv = fc.oneof(
    fc.tuple(fc.constantFrom('make', 'drop'), file).map(([verb, name]) => [tool, verb, name] as const),
    fc.array(text, { maxLength: 3 }).map((words) => [tool, 'say', ...words] as const),
    fc.constantFrom(1, 5, 127).map((code) => [tool, 'fail', String(code)] as const),
    fc.constant(['/no/such tool', 'x'] as const),
    // A word that is a function of the interpreter, or of the shell, is a program like any other.
    fc.constantFrom(['run', 'x'] as const, ['exit', '0'] as const, ['true'] as const),
  );
  return fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .record({ argv, okExit: fc.constantFrom(undefined, [0], [0, 5], [127]), unless })
        // What is not installed ends with 127 in sh, where it has the name of a builtin; no layer counts that as success.
        .filter(({ argv: [name], okExit }) => okExit?.at(-1) !== 127 || name.includes('/'))
        .map(({ argv: words, okExit, unless: except }): Op => ({ op: 'run', argv: words, ...(okExit && { okExit }), ...except })),
    },
    {
      weight: 2,
      arbitrary: fc
        .record({ name: file, text, unless })
        .map(({ name, text: what, unless: except }): Op => ({ op: 'write', path: join(at, name), text: what, ...except })),
    },
    { weight: 1, arbitrary: probes(at).map((until): Op => ({ op: 'wait', until, seconds: 1 })) },
  );
}

/** Steps below a directory that is the same word for both; each interpreter gets its own copy of it. */
export const AT = '/@playground@';
export const anyStep: fc.Arbitrary<Step> = fc
  .record({
    unless: probes(AT),
    ops: fc.array(ops(AT), { minLength: 1, maxLength: 3 }),
    closes: fc.boolean(),
    onFail: fc.constantFrom<'stop' | 'go-on'>('stop', 'go-on'),
    title: text,
  })
  .map(
    ({ closes, ...rest }): Step => ({
      ...rest,
      ops: rest.ops as unknown as [Op, ...Op[]],
      id: 's',
      node: 'n',
      closes: closes ? ['n'] : [],
      stage: 'live',
      needs: [],
      seconds: 20,
    }),
  );

/** Steps that need each other, some of which fail. */
export const anyPlan: fc.Arbitrary<Step[]> = fc
  .array(
    fc.record({
      code: fc.constantFrom(0, 0, 0, 1),
      onFail: fc.constantFrom<'stop' | 'go-on'>('stop', 'go-on'),
      needs: fc.array(fc.nat(7), { maxLength: 3 }),
      exclusive: fc.constantFrom(undefined, 'x'),
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drafts) =>
    drafts.map(
      ({ code, onFail, needs, exclusive }, index): Step => ({
        id: `s${index}`,
        title: `step ${index}`,
        node: 'n',
        closes: [],
        stage: 'live',
        unless: { is: 'exists', path: '/no/such' },
        ops: [{ op: 'run', argv: [`${AT}/tool`, code === 0 ? 'say' : 'fail', code === 0 ? `${index}` : '1', `step ${index}`] }],
        needs: [...new Set(needs.filter((need) => need < index).map((need) => `s${need}`))],
        seconds: 20,
        onFail,
        ...(exclusive && { exclusive }),
      }),
    ),
  );
