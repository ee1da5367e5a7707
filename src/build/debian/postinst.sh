#!/bin/sh
# What dh_installsystemd would write, for each unit as it is meant.
set -e

case "$1" in
  configure | abort-upgrade | abort-deconfigure | abort-remove) ;;
  *) exit 0 ;;
esac

# Enabled when first installed; later the administrator's choice stands.
for unit in uninitramfs-exitrd.service uninitramfs-network.service uninitramfs-teardown.service uninitramfs-missing.service; do
  if deb-systemd-helper --quiet was-enabled "$unit"; then
    deb-systemd-helper enable "$unit" >/dev/null || true
  else
    deb-systemd-helper update-state "$unit" >/dev/null || true
  fi
done

# It closes devices, so it is asked for: systemctl enable uninitramfs-keyfiles.service
unit=uninitramfs-keyfiles.service
if deb-systemd-helper debian-installed "$unit" && deb-systemd-helper --quiet was-enabled "$unit"; then
  deb-systemd-helper enable "$unit" >/dev/null || true
fi
deb-systemd-helper update-state "$unit" >/dev/null || true

# uninitramfs-teardown.service is never started here: on a running system it would close everything outside the root.
# A restart makes a new exitrd, and puts it in the place of the old one only when it works. Where none can be made, the package is
# installed all the same, and the journal and "teardown --dry-run" say why.
if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
  systemctl --system daemon-reload >/dev/null || true
  if [ -n "${2:-}" ]; then action=restart; else action=start; fi
  deb-systemd-invoke "$action" uninitramfs-exitrd.service >/dev/null || true
  # Being active is all it does until a shutdown stops it.
  deb-systemd-invoke start uninitramfs-network.service >/dev/null || true
fi
