/** A value as TOML writes it; a table as {…}, since what is wrong with one is that it is one. */
export function inToml(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inToml).join(', ')}]`;
  if (typeof value === 'number' && !Number.isFinite(value)) return String(value).replace('Infinity', 'inf').replace('NaN', 'nan');
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return '{…}';
  // JSON's only string that is none in TOML: it leaves DEL as it is.
  return typeof value === 'string' ? JSON.stringify(value).replaceAll('\x7f', '\\u007f') : String(value);
}
