import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBootTree } from './boot-tree.ts';
import type { Machine } from './machine.ts';

/** The exitrd of Debian 12's dracut for a host with LUKS, LVM and md, as a cpio archive: what ours is compared with. */
export async function makeDracutTree(say: (line: string) => void): Promise<Buffer> {
  const tree = await ensureBootTree('bookworm', say);
  const work = mkdtempSync(join(tmpdir(), 'uninitramfs-dracut-'));
  try {
    execFileSync('apt-get', ['download', 'dracut-core'], { cwd: work, stdio: 'ignore', timeout: 120_000 });
    const [name] = readdirSync(work).filter((file) => file.endsWith('.deb'));
    const script = fileURLToPath(new URL('dracut.sh', import.meta.url));
    execFileSync('unshare', ['--mount', 'sh', script, tree, join(work, name ?? ''), join(work, 'out.cpio')], {
      stdio: ['ignore', 'ignore', 'inherit'],
      timeout: 300_000,
    });
    return readFileSync(join(work, 'out.cpio'));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Puts such a tree where systemd enters it. */
export async function placeDracutTree(machine: Machine, cpio: Buffer): Promise<void> {
  await machine.run('mount -t tmpfs -o mode=755 tmpfs /run/initramfs\ncd /run/initramfs\ncpio -id --quiet\ntest -x shutdown', 180, cpio);
}
