/**
 * Debian's form of CHANGELOG.md. What is unreleased there is what this version brings.
 * @param epoch when it was made, in seconds.
 */
export function debianChangelog(markdown: string, version: string, maintainer: string, epoch: number): string {
  const [, ...sections] = markdown.split(/^## /m);
  return sections
    .map((section) => {
      const [heading = '', ...lines] = section.split('\n');
      const [name = '', date] = heading.split(/[ ()]+/);
      const released = date ? Date.parse(`${date}T12:00:00Z`) : epoch * 1000;
      const items = lines.join('\n').split(/^- /m).slice(1).map(item);
      return `uninitramfs (${/^\d/.test(name) ? name : version}) unstable; urgency=medium\n\n${items.join('')}\n -- ${maintainer}  ${stamp(released)}\n`;
    })
    .join('\n');
}

/** One point, in lines of less than 80 characters. */
function item(markdown: string): string {
  const words = markdown.replaceAll('`', '').trim().split(/\s+/);
  const lines: string[] = [];
  let line = '';
  for (const word of words) {
    if (line !== '' && line.length + word.length > 72) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((each, n) => `${n === 0 ? '  * ' : '    '}${each}\n`).join('');
}

/** As date -R writes it. */
function stamp(milliseconds: number): string {
  return new Date(milliseconds).toUTCString().replace('GMT', '+0000');
}
