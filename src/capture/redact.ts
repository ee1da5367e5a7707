/** What of a captured file may leave the host. Contents of key files are never read; this keeps secrets out of tables. */
export function redact(path: string, text: string): string {
  if (path === '/etc/crypttab') return eachLine(text, crypttabLine);
  if (path === '/etc/fstab') return eachLine(text, fstabLine);
  if (path.startsWith('/run/udev/data/')) return eachLine(text, (line) => (line.startsWith('S:') ? line : ''));
  return path === '/proc/self/mountinfo' ? maskOptions(text) : text;
}

function eachLine(text: string, change: (line: string) => string): string {
  return text
    .split('\n')
    .map((line) => (line.trim().startsWith('#') ? '' : change(line)))
    .filter((line) => line !== '')
    .map((line) => `${line}\n`)
    .join('');
}

/** Name, device, a path or nothing as the key, and options; a passphrase somebody wrote into the key field stays home. */
function crypttabLine(line: string): string {
  const [name, device, key, options] = line.trim().split(/\s+/);
  if (!name || !device) return '';
  const shownKey = key === undefined || key.startsWith('/') || ['none', '-'].includes(key) ? (key ?? 'none') : 'none';
  return [name, device, shownKey, ...(options ? [maskOptions(options)] : [])].join(' ');
}

/** Where it is mounted from and to; options may carry passwords, and nothing reads them. */
function fstabLine(line: string): string {
  const [spec, mountpoint, type] = line.trim().split(/\s+/);
  return spec && mountpoint ? [spec, mountpoint, type ?? 'auto', 'defaults'].join(' ') : '';
}

function maskOptions(text: string): string {
  return text.replace(/\b(pass(?:word|wd|phrase)?|pwd|secret|token|pin|cred(?:ential)?s?)=[^,\s]*/gi, '$1=REDACTED');
}
