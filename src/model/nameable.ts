/** Node reads names as UTF-8 and cannot hand other bytes back to a command; an argument cannot hold a NUL. */
export function isNameable(name: string): boolean {
  return !name.includes('\uFFFD') && !name.includes('\0');
}
