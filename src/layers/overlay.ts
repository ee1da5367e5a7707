import type { Layer } from '../model/layer.ts';
import type { Edge } from '../model/node.ts';
import type { PlacedMount, Sources } from '../model/sources.ts';
import { carriersOf } from './mount.ts';

/** Overlay mounts keep the file systems of their layers busy, even when those are unmounted by name. */
export const overlay: Layer = {
  kind: 'overlay',
  tools: [],
  edges: (src) =>
    src.mounts.filter((entry) => entry.fstype === 'overlay').flatMap((entry) => layerPaths(entry.superOptions).flatMap((path) => edgesTo(entry, path, src))),
  assemble: (node) => `mount ${node.path}`,
};

function edgesTo(overlay: PlacedMount, path: string, src: Sources): Edge[] {
  const layer = src.mountHolding(path);
  if (!layer || layer.id === overlay.id) return [];
  // A layer's mount that was moved below the overlay stands on it; its file system is below it all the same.
  const targets = isMountedBelow(layer, overlay, src) ? [] : [layer.id];
  return [...targets, ...carriersOf(layer, src)].map((below) => ({ above: overlay.id, below }));
}

function isMountedBelow(mount: PlacedMount, ancestor: PlacedMount, src: Sources): boolean {
  const seen = new Set<string>();
  for (let at: PlacedMount | undefined = mount; at && !seen.has(at.id); ) {
    if (at.id === ancestor.id) return true;
    seen.add(at.id);
    const parent: string | undefined = at.parent;
    at = src.mounts.find((other) => other.id === parent);
  }
  return false;
}

/** The directories of an overlay's options; commas and colons inside a name are escaped with a backslash (kernel: fs/overlayfs/params.c). */
export function layerPaths(options: string): string[] {
  return options.split(/(?<!\\),/).flatMap((option) => {
    const match = /^(lowerdir\+?|datadir\+|upperdir|workdir)=(.*)$/s.exec(option);
    if (!match) return [];
    const value = match[2] as string;
    const parts = match[1] === 'lowerdir' ? value.split(/(?<!\\):/) : [value];
    return parts.map((part) => part.replace(/\\(.)/gs, '$1')).filter((part) => part.startsWith('/'));
  });
}
