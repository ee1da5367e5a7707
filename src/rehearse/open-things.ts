import type { Node } from '../model/node.ts';
import type { Guest } from './guest.ts';

/** What is open in the miniature now, as open.sh names it: `dm vg0-root`, `mount /boot`. */
export async function openNow(guest: Guest): Promise<string[]> {
  const { out } = await guest.try('chroot /proc/1/root /bin/sh /run/rehearsal/open.sh');
  return [...new Set(out.split('\n').filter((line) => line !== ''))];
}

/** What was open when the system had done what it can, before an exitrd if there is one. */
export function openAtTheEnd(console: string): string[] {
  if (!console.includes('rehearsal: that is all')) throw new Error(`the shutdown never got to its end:\n${console.slice(-2000)}`);
  return [...console.matchAll(/rehearsal: open: ([^\r\n]*)/g)].map((match) => match[1] as string);
}

/** The names that open.sh would give these. */
export function namesOf(nodes: readonly Node[]): Set<string> {
  const names = new Set<string>();
  for (const node of nodes) {
    if (node.facts.dm) names.add(`dm ${node.facts.dm}`);
    else if (node.kind === 'md') names.add(`md ${node.kname}`);
    else if (node.kind === 'loop') names.add(`loop ${node.kname}`);
    else if (node.kind === 'mount') names.add(`mount ${node.path}`);
    else if (node.kind === 'swap') names.add(`swap ${node.name}`);
  }
  return names;
}
