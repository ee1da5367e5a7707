/** How wide a terminal is that nobody has made wider. */
const COLUMNS = 80;

/** Lines of at most `columns`, broken at blanks. A word that is longer stays whole, so that it can be copied. */
function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

/** The same after something that is written once, before the first line. `lead` counts as wide as it is long. */
export function hang(lead: string, text: string, style: (line: string) => string = (line) => line): string[] {
  return wrap(text, COLUMNS - lead.length).map((line, index) => (index === 0 ? lead : ' '.repeat(lead.length)) + style(line));
}
