#!/bin/sh
# PID 1 of a lab guest: puts a writable layer over the read-only tree, starts what a storage host runs, and then obeys:
# a number on the serial line runs /lab/NUMBER.sh and leaves .out, .err and .rc beside it.
mount -t proc proc /proc
mount -t tmpfs -o size=90% tmpfs /mnt
insmod "/usr/lib/uml/modules/$(uname -r)/kernel/fs/overlayfs/overlay.ko"
mkdir /mnt/upper /mnt/work /mnt/root
mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
cd /mnt/root || exit 1
mkdir -p lab lib/modules
mount -t hostfs -o hostfs=/lab lab lab
mount --move /mnt/root /
exec chroot . /bin/sh /lab/second.sh
