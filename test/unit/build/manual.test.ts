import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { everyCommand, type Spoken, spokenOf } from '../../../src/build/completion/spoken.ts';
import { programOf } from '../../../src/cli/program.ts';
import { DEFAULTS, WIPE_LEVELS } from '../../../src/model/config.ts';

const MAN = fileURLToPath(new URL('../../../docs/man/', import.meta.url));
const page = (name: string) => readFileSync(MAN + name, 'utf8');

/** The options a text in mdoc speaks of as its own: in a list's heads and in the synopsis, with their dashes. */
const told = (mdoc: string) => [...new Set([...mdoc.matchAll(/\bFl (-?[a-z][a-z-]*|[A-Z])\b/g)].map((match) => `-${match[1]}`))].sort();
const namesOf = ({ options }: Spoken) => options.flatMap(({ names }) => names);
const HELP = ['-h', '--help'];

describe('teardown(8)', () => {
  it('has every option, and no other', () => {
    expect(told(page('teardown.8'))).toEqual(namesOf(spokenOf(programOf('teardown', '0'))).sort());
  });
});

describe('uninitramfs(8)', () => {
  const mdoc = page('uninitramfs.8');
  const program = spokenOf(programOf('uninitramfs', '0'));
  const [before = '', ...sections] = mdoc.split(/^\.Ss /m);
  /** Up to the next heading of any kind. */
  const section = (name: string) => sections.find((text) => text.startsWith(`${name}\n`))?.split(/^\.Sh /m)[0];

  it('has a section for every command, and no other', () => {
    expect(sections.map((text) => text.split('\n')[0]).sort()).toEqual(program.verbs.map(({ path }) => path.at(-1)).sort());
  });

  it('has the options of the program itself', () => {
    for (const name of namesOf(program)) expect(told(before)).toContain(name);
  });

  // Its options are in teardown(8).
  it.each(program.verbs.filter(({ path }) => path.at(-1) !== 'teardown').map((verb) => [verb.path.at(-1) ?? '', verb] as const))(
    'tells of every option of %s, and of no other',
    (name, verb) => {
      const options = everyCommand(verb).flatMap(namesOf);
      expect(told(section(name) ?? '')).toEqual([...new Set(options.filter((option) => !HELP.includes(option)))].sort());
      const synopsis = before.split(/^\.Nm\n/m).filter((text) => text.startsWith(`.Cm ${name}`));
      expect(told(synopsis.join(''))).toEqual(told(section(name) ?? ''));
    },
  );

  it('tells of every verb of exitrd', () => {
    const verbs = program.verbs.flatMap(({ verbs }) => verbs.map(({ path }) => path.at(-1) ?? ''));
    expect([...(section('exitrd') ?? '').matchAll(/^\.It Cm (\S+)/gm)].map((match) => match[1]).sort()).toEqual(verbs.sort());
  });
});

it('uninitramfs.toml(5) has every setting, and no other', () => {
  expect([...page('uninitramfs.toml.5').matchAll(/^\.It Ic (\S+)/gm)].map((match) => match[1]).sort()).toEqual(Object.keys(DEFAULTS).sort());
  for (const level of WIPE_LEVELS) expect(page('uninitramfs.toml.5')).toContain(`.It Qq Cm ${level}\n`);
});

// Not its style: that asks for a database of all the pages it refers to.
it('mandoc reads every page without a warning', () => {
  const { stdout, status } = spawnSync('mandoc', ['-T', 'lint', '-W', 'warning', ...readdirSync(MAN).map((name) => MAN + name)], { encoding: 'utf8' });
  expect([stdout, status]).toEqual(['', 0]);
});
