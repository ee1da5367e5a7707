#!/bin/sh
# PID 1 of a guest: puts a writable layer over a read-only tree, so that nothing on this machine changes. SHARE comes from the
# kernel's command line: the folder that the guest and its maker both see.
mount -t proc proc /proc
mount -t tmpfs -o size=90% tmpfs /mnt
insmod "/usr/lib/uml/modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd /mnt/root || exit 1
mkdir -p lab lib/modules
# The option's form changed with Linux 6.10.
mount -t hostfs -o "hostfs=$SHARE" lab lab 2>/dev/null || mount -t hostfs -o "$SHARE" lab lab
mount --move /mnt/root /
exec chroot . /bin/sh /lab/second.sh
