# PID 1, in the miniature, hands over as the system's own shutdown does. With systemd it is systemd's own program that ends all
# processes, unmounts and detaches what it can, and enters /run/initramfs where that has an executable /shutdown.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec </dev/console >/dev/console 2>&1
cd /
for shutdown in /usr/lib/systemd/systemd-shutdown /lib/systemd/systemd-shutdown; do
  [ -x $shutdown ] && exec $shutdown poweroff --timeout=10s --log-level=6 --log-target=console
done
exec sh "${0%/*}/handover-plain.sh"
