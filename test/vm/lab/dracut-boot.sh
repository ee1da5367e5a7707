# dracut-boot.sh TREE OUT: an initramfs that Debian's dracut makes of a tree (OUT/initrd), and what its package puts on a root (OUT/root.tar). The
# tree itself stays as it is.
set -eu
tree=$1 out=$2
work=$(mktemp -d)
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" "$work/root"
cd "$work/root"
mount -t proc proc proc
mount -t tmpfs dev dev
mknod -m 666 dev/null c 1 3
mknod dev/zero c 1 5
mknod -m 666 dev/urandom c 1 9
cp /etc/resolv.conf etc/resolv.conf
export DEBIAN_FRONTEND=noninteractive
chroot . apt-get update -q
chroot . apt-get install -qy --no-install-recommends dracut-core
chroot . dracut --no-hostonly --force --add 'crypt lvm mdraid dm systemd-cryptsetup' --omit 'network nfs iscsi multipath' --compress 'zstd -1' /run/initrd "$(basename lib/modules/*)"
cp run/initrd "$out/initrd"
chroot . dpkg -L dracut-core | sed -n 's,^/usr/\(bin\|lib\)/,./&,p' | tar -c --no-recursion -f "$out/root.tar" -T -
