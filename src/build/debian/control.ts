import { createHash } from 'node:crypto';
import type { Entry } from './entry.ts';

/** What dpkg has to know before it installs anything. */
export function controlFile(version: string, architecture: string, maintainer: string, entries: readonly Entry[]): string {
  const fields = {
    Package: 'uninitramfs',
    Version: version,
    Architecture: architecture,
    Maintainer: maintainer,
    'Installed-Size': String(kibibytes(entries)),
    // The exitrd is made of busybox and dmsetup; mount has umount, swapoff and losetup.
    Depends: 'nodejs (>= 20.19), busybox-static | busybox, dmsetup, mount',
    // What closes the usual layers. mdadm would bring a mail server along: whoever has an array has it.
    Recommends: 'btrfs-progs, cryptsetup-bin, lvm2, systemd',
    Suggests: 'bcache-tools, kexec-tools, mdadm, multipath-tools, user-mode-linux',
    Section: 'admin',
    Priority: 'optional',
    Description: DESCRIPTION,
  };
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

const DESCRIPTION = `take stacked block devices apart, live and at shutdown
 Linux stacks block layers in any order: partitions, md, LUKS, LVM, btrfs over
 several devices, loop, bcache, multipath. An initramfs puts such a stack
 together at boot; this program takes it apart. It walks the graph of what
 lies on what, computes the reverse order, shows it, and does it.
 .
 At shutdown a root file system cannot be unmounted by programs that live on
 it, so what lies below it stays open, with the LUKS key in memory when the
 power goes. This package installs an exitrd, the small tree that systemd
 enters when nothing lives on the root any more. There the root is unmounted,
 everything below it is closed, and what keys were made from is wiped.
 .
 With user-mode-linux installed, a shutdown of this host can be rehearsed in
 miniature, without root and without touching anything.`;

/** As dpkg-gencontrol reckons: a file takes whole KiB, everything else one. */
function kibibytes(entries: readonly Entry[]): number {
  const sizes = entries.map(({ is }) => ('content' in is ? Math.ceil(Buffer.byteLength(is.content) / 1024) : 1));
  return sizes.reduce((sum, size) => sum + size, 0) + foldersOf(entries).length;
}

/** Every folder the entries lie in, those above first. */
export function foldersOf(entries: readonly Entry[]): string[] {
  const all = entries.flatMap(({ path }) =>
    path
      .split('/')
      .slice(0, -1)
      .map((_, n, parts) => parts.slice(0, n + 1).join('/')),
  );
  return [...new Set(all)].sort();
}

/** What debsums(1) compares with. */
export function md5sums(entries: readonly Entry[]): string {
  return entries
    .flatMap(({ path, is }) => ('content' in is ? [`${createHash('md5').update(is.content).digest('hex')}  ${path}\n`] : []))
    .sort((a, b) => (a.slice(34) < b.slice(34) ? -1 : 1))
    .join('');
}
