# install.sh ROOT AGENT: turns a Debian tree into a lab host. Everything a stock host runs and a test would wait for in vain is off;
# what mounts, opens and closes storage is as Debian ships it.
set -eu
root=$1
cp "$2" "$root/usr/lib/lab-agent.sh"
etc=$root/etc
units=$etc/systemd/system
cat >"$units/lab-agent.service" <<'U'
[Unit]
Description=Obeys the test

[Service]
ExecStart=/bin/sh /usr/lib/lab-agent.sh
Environment=HOME=/root LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
U
mkdir -p "$units/multi-user.target.wants" "$etc/systemd/system.conf.d" "$etc/systemd/journald.conf.d" "$etc/initramfs-tools/conf.d"
ln -sf ../lab-agent.service "$units/multi-user.target.wants/lab-agent.service"
for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer e2scrub_reap.service fstrim.timer xfs_scrub_all.timer logrotate.timer \
  man-db.timer mdcheck_start.timer mdcheck_continue.timer mdmonitor-oneshot.timer getty@tty1.service systemd-timesyncd.service systemd-networkd.service \
  systemd-networkd-wait-online.service systemd-pcrphase.service systemd-firstboot.service systemd-hwdb-update.service systemd-update-done.service \
  systemd-journal-catalog-update.service ldconfig.service; do
  ln -sf /dev/null "$units/$unit"
done
# An emulated processor that shares two cores needs more than 90 s at times.
printf '[Manager]\nDefaultTimeoutStartSec=300s\nDefaultDeviceTimeoutSec=300s\n' >"$etc/systemd/system.conf.d/lab.conf"
printf '[Journal]\nStorage=volatile\n' >"$etc/systemd/journald.conf.d/lab.conf"
# Modules for this machine only: with all of Debian's the initramfs takes a minute to unpack.
printf 'MODULES=list\nCOMPRESS=zstd\nRESUME=none\n' >"$etc/initramfs-tools/conf.d/lab"
printf '%s\n' virtio_pci virtio_scsi sd_mod ext4 xfs jfs btrfs vfat crc32c_generic crc32c_intel aesni_intel xts sha256_generic overlay >"$etc/initramfs-tools/modules"
: >"$etc/machine-id"
rm -f "$root/var/lib/dbus/machine-id"
sed -i 's/^root:[^:]*:/root::/' "$etc/shadow"
