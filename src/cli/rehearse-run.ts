import { type Phase, rehearse } from '../app/rehearse.ts';
import { renderRehearsed, renderVerdict } from '../render/rehearsal.ts';
import { asJson, painter } from '../render/words.ts';

export interface RehearseFlags {
  sysroot?: string;
  phase: Phase;
  stock?: boolean;
  fault?: string;
  keep?: string;
  json?: boolean;
}

/** A rehearsal from the command line: a line a step, then the verdict. @returns the exit code. */
export async function runRehearsal(targets: readonly string[], flags: RehearseFlags): Promise<0 | 1> {
  const paint = painter(process.stdout, process.env);
  // With --json, standard output is for the result alone.
  const say = (line: string) => (flags.json ? process.stderr : process.stdout).write(`${line}\n`);
  const result = await rehearse({
    sysroot: flags.sysroot,
    targets,
    phase: flags.phase,
    stock: flags.stock === true,
    fault: flags.fault,
    keep: flags.keep,
    onStep: (told) => say(renderRehearsed(told, paint)),
    say,
  });
  if (flags.json) process.stdout.write(`${asJson(result)}\n`);
  else for (const line of renderVerdict(result, paint)) say(line);
  return result.ok ? 0 : 1;
}
