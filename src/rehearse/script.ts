import type { MiniOp, MiniStep } from '../model/miniature.ts';
import { shellWord as quote } from '../model/quote.ts';

/** What a step's operations are in sh -eu; `root` is where the miniature's root is at the time. */
export function compile(ops: readonly MiniOp[], root: string): string {
  return ops.map((op) => compileOp(op, root)).join('\n');
}

function compileOp(op: MiniOp, root: string): string {
  const lines: string[] = [];
  if (op.argv) {
    // With exec, a builtin of that name is not meant; a shell forks once for either.
    const command = `(exec ${[...(op.inside ? ['chroot', root] : []), ...op.argv].map(quote).join(' ')})`;
    const fed = op.input === undefined ? command : `printf %s ${quote(op.input)} | ${command}`;
    lines.push(op.mayFail ? `${fed} 2>/dev/null || :` : fed);
  }
  if (op.until !== undefined) {
    const path = quote(op.until);
    lines.push(
      `n=0; while [ ! -e ${path} ]; do n=$((n + 1)); [ $n -lt 200 ] || { echo ${quote(`${op.until} did not appear within 10 s`)} >&2; exit 1; }; sleep 0.05; done`,
    );
  }
  return lines.join('\n');
}

/** Fills what a step says is data, and prints its sum. */
export function fill({ path, kilobytes }: NonNullable<MiniStep['data']>): string {
  return `dd if=/dev/urandom of=${quote(path)} bs=1k count=${kilobytes} conv=notrunc status=none\n${sum({ path, kilobytes })}`;
}

export function sum({ path, kilobytes }: NonNullable<MiniStep['data']>): string {
  return `head -c ${kilobytes * 1024} ${quote(path)} | sha256sum | cut -c-64`;
}
