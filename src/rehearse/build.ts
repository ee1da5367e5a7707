import type { MiniCheck, MiniStep } from '../model/miniature.ts';
import { shellWord as quote } from '../model/quote.ts';
import type { Rehearsed } from '../model/rehearsal.ts';
import type { Guest } from './guest.ts';
import { KEY, type Recipe, ROOT } from './recipe.ts';
import { compile, fill, sum } from './script.ts';

/** No step takes as long as this, even on a slow machine. */
const STEP_SECONDS = 90;

/** Makes the miniature. @returns what was filled in, by the step that did it. @throws Error naming the step that failed. */
export async function build(
  guest: Guest,
  recipe: Recipe,
  inhabit: { begin: string; finish: string },
  tell: (told: Rehearsed) => void,
): Promise<Map<string, string>> {
  const sums = new Map<string, string>();
  await guest.run(`mkdir -p ${KEY.slice(0, KEY.lastIndexOf('/'))}\ncp /lab/key ${KEY}`);
  let hasRoot = false;
  for (const step of recipe.steps) {
    const isRoot = step.makes.some((id) => /^mount:\/$/.test(id));
    if (isRoot) hasRoot = true;
    const script = [compile(step.make, ROOT), ...(isRoot ? [inhabit.begin] : []), ...(step.data ? [fill(step.data)] : [])].join('\n');
    const out = await timed(guest, step, script, tell);
    if (step.data) sums.set(step.id, lastLine(out));
  }
  if (!hasRoot) throw new Error('the miniature has no root');
  await guest.run(inhabit.finish);
  return sums;
}

async function timed(guest: Guest, step: MiniStep, script: string, tell: (told: Rehearsed) => void): Promise<string> {
  const started = performance.now();
  const answer = await guest.try(`set -eu\n${script}`, STEP_SECONDS);
  const seconds = (performance.now() - started) / 1000;
  if (answer.code === 0) {
    tell({ title: step.title, seconds });
    return answer.out;
  }
  const error = lastLine(answer.err) || lastLine(answer.out) || `exit ${answer.code}`;
  tell({ title: step.title, seconds, error });
  throw new Error(`${step.title}: ${error}`);
}

/** What one looked at found wrong, each in one line. */
export interface Proof {
  readonly unclean: readonly string[];
  readonly asked: number;
  /** Volume keys in hex, by the name of the mapping. */
  readonly keys: ReadonlyMap<string, string>;
}

/**
 * Puts the miniature together again from its disks, in a guest that has not seen it before: first every check, then the step,
 * then its data. Checks of what was not to be closed (`stays`) are left out.
 */
export async function examine(
  guest: Guest,
  recipe: Recipe,
  {
    sums,
    stays,
    spoils,
    tell,
  }: {
    sums: ReadonlyMap<string, string>;
    stays: (step: MiniStep) => boolean;
    spoils: (check: MiniCheck) => boolean;
    tell: (told: Rehearsed) => void;
  },
): Promise<Proof> {
  const unclean: string[] = [];
  const equal = new Map<string, string>();
  let asked = 0;
  await guest.run(`mkdir -p ${KEY.slice(0, KEY.lastIndexOf('/'))} ${ROOT}\ncp /lab/key ${KEY}`);
  const broken = new Set<string>();
  for (const step of recipe.steps) {
    // A swap area holds nothing that outlives the power, and a table of partitions was only read.
    if (step.id.startsWith('swap:')) continue;
    if (step.needs.some((need) => broken.has(need))) {
      for (const id of [step.id, ...step.makes]) broken.add(id);
      continue;
    }
    const started = performance.now();
    const wrong: string[] = [];
    const checks = stays(step) ? [] : (step.checks ?? []).filter((check) => !spoils(check));
    const data = stays(step) ? undefined : step.data;
    const answer = await guest.try(lookScript(step, checks, data), STEP_SECONDS);
    const [, ...answers] = answer.out.split(MARK);
    for (const [index, check] of checks.entries()) {
      asked++;
      const text = answers[index] ?? '';
      const match = check.has === undefined ? undefined : new RegExp(check.has).exec(text);
      if (match === null || (check.lacks !== undefined && new RegExp(check.lacks).test(text))) {
        wrong.push(`${check.about} is not clean${relevant(text, check)}`);
      } else if (check.equal !== undefined && match) {
        const value = match[1] as string;
        if ((equal.get(check.equal) ?? value) !== value) wrong.push(`${check.about} differs: ${value}, not ${equal.get(check.equal)}`);
        equal.set(check.equal, value);
      }
    }
    if (answer.code !== 0) {
      wrong.push(`${step.title.replace(/^make /, '')} does not come back: ${lastLine(answer.err) || `exit ${answer.code}`}`);
      for (const id of [step.id, ...step.makes]) broken.add(id);
    } else if (data) {
      asked++;
      if (lastLine(answers.at(-1) ?? '') !== sums.get(step.id)) wrong.push(`the data on ${data.path.replace(ROOT, '')} is not what was written`);
    }
    unclean.push(...wrong);
    if (wrong.length > 0 || (step.checks ?? []).length > 0 || step.data)
      tell({
        title: `look at ${step.title.replace(/^make /, '')}`,
        seconds: (performance.now() - started) / 1000,
        ...(wrong.length > 0 && { error: wrong.join('; ') }),
      });
  }
  return { unclean, asked, keys: await volumeKeys(guest) };
}

/** Separates the answers in what a script prints. */
const MARK = '\n@@rehearsal@@\n';

/** Every check, then the step, then its data: one script, since each costs a guest its time. */
function lookScript(step: MiniStep, checks: readonly MiniCheck[], data: MiniStep['data']): string {
  const mark = "printf '\\n@@rehearsal@@\\n'";
  return [
    'set -eu',
    ...checks.flatMap((check) => [mark, `${check.argv.map(quote).join(' ')} 2>&1 || :`]),
    mark,
    compile(step.again, ROOT),
    ...(data ? [mark, sum(data)] : []),
  ].join('\n');
}

/** What every open dm-crypt device is encrypted with; a key in the kernel's keyring is fetched from the header. */
async function volumeKeys(guest: Guest): Promise<Map<string, string>> {
  const { out } = await guest.try('dmsetup table --showkeys --target crypt', STEP_SECONDS);
  const keys = new Map<string, string>();
  for (const line of out.split('\n')) {
    const [, name, key] = /^(.*): \d+ \d+ crypt \S+ (\S+) /.exec(line) ?? [];
    if (!name || !key) continue;
    if (/^[0-9a-f]{32,}$/.test(key)) {
      keys.set(name, key);
      continue;
    }
    const dump = await guest.try(
      `device=$(cryptsetup status -- ${quote(name)} | sed -n 's/^ *device: *//p')\ncryptsetup luksDump -q --dump-volume-key --key-file ${KEY} "$device" | sed -n '/MK dump:/,$p' | sed 's/.*://' | tr -d ' \\t\\n'`,
      STEP_SECONDS,
    );
    if (/^[0-9a-f]{32,}$/.test(dump.out.trim())) keys.set(name, dump.out.trim());
  }
  return keys;
}

function relevant(text: string, check: { has?: string; lacks?: string }): string {
  const word = /(State|state|features|tail|log_root|Dirty)/;
  const line = text.split('\n').find((each) => word.test(each) && (check.lacks === undefined || new RegExp(check.lacks).test(each) || check.has !== undefined));
  return line ? `: ${line.trim().replace(/\s+/g, ' ').slice(0, 120)}` : '';
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
