/**
 * Decodes the `\ooo` escapes of mountinfo and swaps (kernel: fs/seq_file.c, mangle_path). Bytes are put together
 * before they are read as UTF-8, so an escaped multi-byte character comes out whole.
 */
export function decodeOctal(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: number[] = [];
  const raw = Buffer.from(text, 'utf8');
  for (let i = 0; i < raw.length; i++) {
    const digits = raw[i] === 0x5c ? raw.toString('latin1', i + 1, i + 4) : '';
    if (/^[0-3][0-7]{2}$/.test(digits)) {
      bytes.push(Number.parseInt(digits, 8));
      i += 3;
    } else {
      bytes.push(raw[i] as number);
    }
  }
  return Buffer.from(bytes).toString('utf8');
}
