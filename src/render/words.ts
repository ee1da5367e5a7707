import { styleText } from 'node:util';
import { UNPRINTABLE } from '../model/unprintable.ts';

/** Names come from mount points and labels anybody may have chosen: control characters must not reach a terminal or a log. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.codePointAt(0) as number;
    if (char === '\n') return '\\n';
    if (char === '\t') return '\\t';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** For a program, and for a terminal all the same: JSON itself escapes the older control characters alone. */
export function asJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A command as one would type it: POSIX quoting, and $'…' only where a control character has to be shown. */
export function quoteCommand(argv: readonly string[]): string {
  if (argv[0] === 'write') return `echo ${quoteWord(argv[2] ?? '')} > ${quoteWord(argv[1] ?? '')}`;
  return argv.map(quoteWord).join(' ');
}

/** A word for a person to copy into bash. */
export function quoteWord(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  const shown = printable(word);
  if (shown === word) return `'${word.replaceAll("'", "'\\''")}'`;
  const escaped = [...word].map((char) => (char === "'" || char === '\\' ? `\\${char}` : printable(char))).join('');
  return `$'${escaped}'`;
}

type Style = Parameters<typeof styleText>[0];
export type Paint = (style: Style, text: string) => string;

/** Colours only for a terminal, and not where NO_COLOR is set (no-color.org). */
export function painter(stream: { isTTY?: boolean }, env: NodeJS.ProcessEnv): Paint {
  const on = stream.isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb';
  return (style, text) => (on ? styleText(style, text) : text);
}
