import { createHash } from 'node:crypto';

/** A text with the sum of itself as its first line, by which /shutdown knows that it is whole (shutdown-hooks/plan.sh). */
export function seal(text: string): string {
  return `# ${createHash('sha256').update(text).digest('hex')}\n${text}`;
}

export function isWhole(sealed: string): boolean {
  return seal(sealed.slice(sealed.indexOf('\n') + 1)) === sealed;
}
