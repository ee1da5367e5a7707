import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compileSteps } from '../../../src/exitrd/compile.ts';
import type { Step } from '../../../src/model/step.ts';
import { runSteps } from '../../../src/run/run.ts';
import { runStep } from '../../../src/run/step.ts';
import { openDoor } from '../../../src/sources/door.ts';
import { AT } from './steps.ts';

/** systemd-shutdown hands it down to what it starts. */
const BLOCKED = '--block-signal=CHLD';
const hooks = new URL('../../../shutdown-hooks/', import.meta.url).pathname;
const base = mkdtempSync(join(tmpdir(), 'uninitramfs-parity-'));
process.once('exit', () => rmSync(base, { recursive: true, force: true }));

/** Writes down how it was called, does something to a file, and ends as told. */
const TOOL = `#!/bin/sh
line=$(printf '%s\\n' "$#"; printf '[%s]' "$@")
printf '%s\\n' "$line" >>"$(dirname "$0")/log"
case $1 in
  make) : >"$(dirname "$0")/$2" ;;
  drop) rm -f "$(dirname "$0")/$2" ;;
  say) shift; printf '%s\\n' "$@" ;;
  fail) echo first; echo "because of $2" >&2; exit "$2" ;;
esac
`;

/** What became of steps, by one interpreter. */
export interface Played {
  readonly outcomes: readonly string[];
  readonly traces: Readonly<Record<string, string>>;
}

export async function playLive(steps: readonly Step[]): Promise<Played> {
  const at = playground();
  const results = await runSteps(moved(steps, at), {
    atOnce: 8,
    perform: (step) => runStep(step, openDoor()),
    forbid: () => undefined,
    onEnd: () => undefined,
    signal: new AbortController().signal,
  });
  return cleared(at, { outcomes: results.map((result) => result.outcome), traces: traces(at) });
}

export async function playInShell(shell: readonly string[], steps: readonly Step[]): Promise<Played> {
  const at = playground();
  const outcomes = await inShell(shell, moved(steps, at), at);
  return cleared(at, { outcomes, traces: traces(at) });
}

/** Ten thousand of them would fill a disk. */
function cleared(at: string, played: Played): Played {
  rmSync(at, { recursive: true, force: true, maxRetries: 3 });
  return played;
}

let count = 0;
function playground(): string {
  const at = join(base, String(++count));
  mkdirSync(join(at, 'work'), { recursive: true });
  writeFileSync(join(at, 'tool'), TOOL, { mode: 0o755 });
  writeFileSync(join(at, 'a'), 'yes\n');
  writeFileSync(join(at, 'b c'), ' a\nb\n\n');
  return at;
}

const moved = <T>(value: T, at: string): T => JSON.parse(JSON.stringify(value).replaceAll(AT, at)) as T;

/** What a run left behind. */
function traces(at: string): Record<string, string> {
  const names = readdirSync(at).filter((name) => name !== 'tool' && statSync(join(at, name)).isFile() && !['plan', 'drive'].includes(name));
  const read = (name: string) => readFileSync(join(at, name), 'utf8').replaceAll(at, AT);
  return Object.fromEntries(names.map((name) => [name, name === 'log' ? distinctCalls(read(name)) : read(name)]));
}

/** Who waits asks again and again: how often is a matter of the clock, not of meaning. */
function distinctCalls(log: string): string {
  return [...new Set(log.split(/^(?=\d+$)/m))].join('');
}

async function inShell(shell: readonly string[], steps: readonly Step[], at: string): Promise<string[]> {
  writeFileSync(join(at, 'plan'), compileSteps(steps));
  const drive = `work=$1/work\n. ${hooks}probes.sh\n. ${hooks}steps.sh\nalive() { :; }\non_end() { echo "$1 $2"; }\n. "$1/plan"\nrun_plan\n`;
  writeFileSync(join(at, 'drive'), drive);
  const { stdout } = await promisify(execFile)('env', [BLOCKED, ...shell, join(at, 'drive'), at], {
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C.UTF-8' },
    timeout: 60_000,
  });
  const outcome = new Map(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split(' ') as [string, string]),
  );
  return steps.map((_, index) => outcome.get(String(index + 1)) ?? 'nothing');
}
