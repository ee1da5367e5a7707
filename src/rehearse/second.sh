export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8
cd /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts devpts /dev/pts
mount -t tmpfs -o mode=755 tmpfs /run
mount -t cgroup2 cgroup2 /sys/fs/cgroup
mkdir -p /run/lock /run/cryptsetup /run/mdadm /run/lvm
mkfifo /run/pid1
ln -sfn "/usr/lib/uml/modules/$(uname -r)" "/lib/modules/$(uname -r)"
# libuv's io_uring mapping panics UML 6.12 (bad page in io_uring_mmap).
echo 2 >/proc/sys/kernel/io_uring_disabled
hostname "$(cat /lab/hostname)"
# What is built in, or unknown to this kernel, is told by whoever needs it.
# shellcheck disable=SC2046 # one word a module
modprobe -a $(cat /lab/modules) 2>/dev/null
# Rules that start several programs for each event of a disk and have no part in what is tested here.
(cd /usr/lib/udev/rules.d && rm -f 55-scsi-sg3_id.rules 56-dm-mpath.rules 58-scsi-sg3_symlink.rules 60-kpartx.rules 60-multipath.rules 68-del-part-nodes.rules 99-z-dm-mpath-late.rules)
rm -f /etc/lvm/devices/system.devices
if [ -f /lab/systemd ]; then
  cp /lab/units/* /etc/systemd/system/
  : >/etc/machine-id
  cp /lab/hostname /etc/hostname
  exec /lib/systemd/systemd --unit=lab.target
fi
if [ -f /lab/no-udev ]; then
  export DM_DISABLE_UDEV=1
else
  # Every worker is a fork, which is what costs a guest most.
  /lib/systemd/systemd-udevd --daemon --children-max=2
  udevadm trigger --subsystem-match=block --subsystem-match=misc
  udevadm settle
fi
/bin/sh /lab/agent.sh &
exec /bin/sh /lab/pid1.sh
