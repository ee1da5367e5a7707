import { createHash } from 'node:crypto';

/** A text with the sum of itself as its last line, by which /shutdown knows that it is whole (shutdown-hooks/plan.sh). */
export function seal(text: string): string {
  return `${text}# ${createHash('sha256').update(text).digest('hex')}\n`;
}

export function isWhole(sealed: string): boolean {
  const end = sealed.lastIndexOf('# ');
  return end >= 0 && seal(sealed.slice(0, end)) === sealed;
}
