import { mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { withLuks } from '../residue/host-secrets.ts';
import { ensureBootTree } from './boot-tree.ts';
import { cacheFolder, forgetUnused, recipeName } from './cache.ts';
import type { HostImage } from './host-image.ts';
import { madeOnce } from './once.ts';

const SCRIPT = fileURLToPath(new URL('dracut-boot.sh', import.meta.url));

/** An initramfs that Debian's dracut makes, and what its package puts on a host's root, as a tar. */
export interface DracutBoot {
  readonly initrd: string;
  readonly root: string;
}

/** Made once from the tree of Debian 13's hosts. */
export async function ensureDracutBoot(say: (line: string) => void): Promise<DracutBoot> {
  const tree = await ensureBootTree('trixie', say);
  const folder = join(cacheFolder(), `dracut-${recipeName(tree, readFileSync(SCRIPT, 'utf8'))}`);
  await madeOnce(folder, async () => {
    forgetUnused('dracut-');
    const making = `${folder}.making`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making);
    await execa('unshare', ['--mount', '--propagation', 'private', 'sh', SCRIPT, tree, making], { all: true, timeout: 600_000 });
    rmSync(folder, { recursive: true, force: true });
    renameSync(making, folder);
  });
  return { initrd: join(folder, 'initrd'), root: join(folder, 'root.tar') };
}

/** What dracut has to be told of a host's LUKS devices (dracut.cmdline(7)), which are all to have this name. */
export function luksArguments(image: HostImage, name: string): Promise<string> {
  return withLuks(image, (devices) => [...new Set(devices.map(({ uuid }) => `rd.luks.name=${uuid}=${name}`))].join(' '));
}
