import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

const EVERY_MS = 2;

/** @returns the most memory that a command had at once, in bytes: the high-water mark that the kernel keeps (proc_pid_status(5), VmHWM). */
export async function peakOf([tool, ...args]: readonly [string, ...string[]]): Promise<number> {
  const child = spawn(tool, args, { stdio: 'ignore' });
  let peak = 0;
  const look = () => {
    try {
      peak = Math.max(peak, Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0));
    } catch {
      // It has just ended.
    }
  };
  const timer = setInterval(look, EVERY_MS);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('exit', resolve));
  clearInterval(timer);
  if (code !== 0) throw new Error(`${tool} ${args.join(' ')}: exit ${code}`);
  return peak * 1024;
}
