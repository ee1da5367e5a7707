import type { Guest } from '../../../src/rehearse/guest.ts';

/**
 * The least that can stand at /run/initramfs: a hand-written /shutdown that knows nothing of the host and removes whatever it can.
 * It proves the way into an exitrd without the program's own.
 */
export async function installPlainExitrd(guest: Guest): Promise<void> {
  await guest.run(
    `mkdir -p /run/initramfs
chroot /proc/1/root mount -t tmpfs -o mode=0700,exec tmpfs /run/initramfs
X=/proc/1/root/run/initramfs
mkdir -p $X/bin $X/lib64 $X/lib
for tool in busybox dmsetup mdadm; do
  path=$(command -v $tool)
  cp -L "$path" $X/bin/
  ldd "$path" 2>/dev/null | sed -n 's/.*=> \\(\\/[^ ]*\\).*/\\1/p' | while read -r lib; do cp -L "$lib" $X/lib/; done
done
cp -L /lib64/ld-linux-x86-64.so.2 $X/lib64/
cat >$X/shutdown <<'END'
#!/bin/busybox sh
export PATH=/bin LD_LIBRARY_PATH=/lib DM_DISABLE_UDEV=1
b=/bin/busybox
$b echo "plain exitrd: $*"
for folder in proc sys dev run; do $b umount -l /oldroot/$folder; done
while read -r _ point _; do case $point in /oldroot*) points="$point $points" ;; esac; done </proc/mounts
for point in $points; do $b umount "$point"; done
round=0
while [ $round -lt 8 ]; do
  round=$((round + 1))
  dmsetup remove_all
  mdadm --stop --scan
done
dmsetup ls
$b sync
$b poweroff -f
END
chmod 755 $X/shutdown`,
    60,
  );
}
