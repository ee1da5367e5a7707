#!/bin/sh
set -e

if [ "$1" = remove ] && [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
fi
if [ "$1" = purge ]; then
  if command -v deb-systemd-helper >/dev/null; then
    for unit in uninitramfs-exitrd.service uninitramfs-network.service uninitramfs-teardown.service uninitramfs-missing.service uninitramfs-keyfiles.service; do
      deb-systemd-helper purge "$unit" >/dev/null || true
    done
  fi
  rm -rf "${DPKG_ROOT:-}/var/lib/uninitramfs"
  # The configuration was written by the administrator, and never by this package.
  for folder in uninitramfs/uninitramfs.toml.d uninitramfs; do
    if [ -d "${DPKG_ROOT:-}/etc/$folder" ]; then
      rmdir --ignore-fail-on-non-empty "${DPKG_ROOT:-}/etc/$folder"
    fi
  done
fi
