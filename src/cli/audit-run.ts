import { posture } from '../app/posture.ts';
import { writeWhole } from '../app/write-whole.ts';
import { UserError } from '../model/errors.ts';
import { renderAudit } from '../render/audit-text.ts';
import { renderDot } from '../render/dot.ts';
import { renderMetrics } from '../render/metrics.ts';
import { renderPage } from '../render/page.ts';
import { asJson, painter } from '../render/words.ts';
import type { AuditFlags } from './audit.ts';

const STDOUT = '-';

/** An audit from the command line. @returns the exit code: 0 where nothing is wrong, 1 for any warning. */
export async function runAudit(flags: AuditFlags, version: string): Promise<0 | 1> {
  const toStdout = [flags.json === true, flags.html === STDOUT, flags.textfile === STDOUT].filter(Boolean).length;
  if (toStdout > 1) throw new UserError('only one of --json, --html - and --textfile - can go to standard output: name a FILE for the others');
  const { audited, report } = await posture({ sysroot: flags.sysroot, version, date: new Date() });
  const files: string[] = [];
  const put = (target: string, text: string, mode: number) => {
    if (target === STDOUT) return void process.stdout.write(text);
    writeWhole(target, text, mode);
    files.push(target);
  };
  if (flags.html !== undefined) {
    const { renderSvg } = await import('../render/svg.ts');
    // It tells where keys lie and what is weak: nobody else's to read.
    put(flags.html, renderPage({ audited, report, svg: await renderSvg(renderDot({ report, assembly: undefined })) }), 0o600);
  }
  // The collector runs as a user of its own.
  if (flags.textfile !== undefined) put(flags.textfile, renderMetrics(audited), 0o644);
  if (flags.json) process.stdout.write(`${asJson(audited)}\n`);
  else if (flags.html === undefined && flags.textfile === undefined) process.stdout.write(renderAudit(audited, painter(process.stdout, process.env)));
  else if (toStdout === 0) for (const file of files) process.stdout.write(`${file}: written\n`);
  const { critical, warning } = audited.counts.findings;
  return critical + warning === 0 ? 0 : 1;
}
