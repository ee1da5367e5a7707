/**
 * A word for sh: whatever it holds, the shell sees exactly these bytes and executes nothing of it (POSIX, XCU 2.2.2).
 * @throws RangeError for a NUL, which no argument can hold.
 */
export function shellWord(text: string): string {
  if (text.includes('\0')) throw new RangeError(`${JSON.stringify(text)} holds a NUL, which no command can be given`);
  return `'${text.replaceAll("'", "'\\''")}'`;
}

export function shellWords(words: readonly string[]): string {
  return words.map(shellWord).join(' ');
}
