import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** With all tests before it there is time to compile the modules of ZFS beside them; a test alone makes what it needs itself. */
export default function setup(): (() => void) | undefined {
  if (process.env.UNINITRAMFS_AHEAD === undefined) return undefined;
  const ahead = spawn('npx', ['tsx', fileURLToPath(new URL('ahead.ts', import.meta.url))], { stdio: 'ignore', detached: true });
  ahead.unref();
  return () => {
    try {
      if (ahead.pid !== undefined) process.kill(-ahead.pid);
    } catch {
      // It is done.
    }
  };
}
