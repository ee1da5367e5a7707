# What systemd-shutdown does, in sh, for machines without it (systemd: src/shutdown/shutdown.c): ends everybody, goes round until
# nothing changes any more, and enters the exitrd where there is one.
mount --make-rprivate /
sync
kill -TERM -1
sleep 1
kill -KILL -1
changed=yes
while [ $changed = yes ]; do
  changed=no
  cat /proc/self/mountinfo >/run/mounts
  while read -r _ _ _ _ point _; do
    case $point in / | /proc* | /sys* | /dev* | /run | /run/initramfs*) continue ;; esac
    umount "$(printf %b "$point")" 2>/dev/null && changed=yes
  done </run/mounts
  while read -r path _; do
    [ "$path" != Filename ] && swapoff "$path" 2>/dev/null && changed=yes
  done </proc/swaps
  for f in /sys/block/loop*/loop/backing_file; do
    [ -e "$f" ] && f=${f#/sys/block/} && losetup --detach "/dev/${f%%/*}" 2>/dev/null && [ ! -e "/sys/block/$f" ] && changed=yes
  done
  for f in /sys/block/md*/md; do
    [ -e "$f" ] && f=${f#/sys/block/} && mdadm --stop --quiet "/dev/${f%%/*}" 2>/dev/null && changed=yes
  done
  for f in /sys/block/dm-*/dm/name; do
    [ -e "$f" ] && IFS= read -r name <"$f" && dmsetup remove --noudevsync -- "$name" 2>/dev/null && changed=yes
  done
done
for hook in /usr/lib/systemd/system-shutdown/*; do [ -x "$hook" ] && "$hook" poweroff; done
if [ -x /run/initramfs/shutdown ]; then
  cd /run/initramfs || exit 1
  mkdir -p oldroot proc sys dev run
  for folder in proc sys dev run; do mount --bind /$folder $folder; done
  pivot_root . oldroot
  exec chroot . /shutdown poweroff --timeout=10s --log-level=6 --log-target=console </dev/console >/dev/console 2>&1
fi
mount -o remount,ro / 2>/dev/null
sync
exec poweroff -f
