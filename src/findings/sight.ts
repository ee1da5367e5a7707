import type { Finding } from '../model/finding.ts';
import type { Sources } from '../model/sources.ts';
import { containerName } from './container.ts';

/** What limits this reading itself: a container around it, and what this user was not allowed to look at. */
export function sightFindings(src: Sources, unseenProcesses: number): Finding[] {
  return [...containerFinding(src), ...unseenFinding(src, unseenProcesses)];
}

function containerFinding(src: Sources): Finding[] {
  const container = src.door.live ? containerName(src.door) : undefined;
  if (container === undefined) return [];
  const text = `this is a ${container} container: /sys shows the host's devices, which are not this system's to close`;
  return [{ code: 'container', severity: 'critical', text, fix: 'run it on the host' }];
}

function unseenFinding(src: Sources, processes: number): Finding[] {
  const unseen = [...src.unseen, ...(processes > 0 ? [`${processes} processes of other users (who keeps a mount busy)`] : [])];
  if (unseen.length === 0) return [];
  const isRoot = process.getuid?.() === 0;
  const fix = isRoot ? 'nothing to do: something (hidepid, a sandbox) hides it even from root' : 'run it as root to see everything';
  return [{ code: 'unseen', severity: 'info', text: `not visible to this user: ${unseen.join('; ')}`, fix }];
}
