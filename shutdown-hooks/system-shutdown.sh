#!/bin/sh
# /usr/lib/systemd/system-shutdown/uninitramfs: systemd-shutdown(8) runs it just before it would enter the exitrd. With none there, the
# shutdown ends here: say so while somebody can still read it, since what lies below the root stays open.
[ -x /run/initramfs/shutdown ] && exit 0
for device in /sys/block/dm-* /sys/block/md*; do
  [ -e "$device" ] || continue
  echo '<4>uninitramfs: there is no exitrd, so what lies below the root stays open: systemctl enable --now uninitramfs-exitrd' >/dev/kmsg
  break
done
exit 0
