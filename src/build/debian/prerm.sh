#!/bin/sh
# An upgrade leaves the exitrd where it is: until the new one works, a shutdown has the old one.
set -e

if [ "$1" != remove ] || [ -n "${DPKG_ROOT:-}" ]; then
  exit 0
fi
if [ -d /run/systemd/system ]; then
  deb-systemd-invoke stop uninitramfs-exitrd.service uninitramfs-network.service uninitramfs-keyfiles.service >/dev/null || true
fi
# Nothing would renew its plan any more. Without node it is still only a mount.
if [ -e /run/initramfs/usr/lib/uninitramfs/work.sh ]; then
  uninitramfs exitrd remove || umount -l /run/initramfs || true
fi
