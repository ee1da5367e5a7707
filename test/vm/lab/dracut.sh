# dracut.sh TREE PACKAGE OUT: dracut's exitrd for a host with LUKS, LVM and md, made as Debian's mdadm-shutdown.service makes it (no kernel
# modules), in the tree with dracut's package laid over it. The tree itself stays as it is.
set -eu
tree=$1 package=$2 out=$3
work=$(mktemp -d)
mount -t tmpfs tmpfs "$work"
mkdir "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" "$work/root"
cd "$work/root"
dpkg-deb --fsys-tarfile "$package" | tar -x --keep-directory-symlink
mount -t proc proc proc
mount -t tmpfs dev dev
mknod dev/null c 1 3
mknod dev/zero c 1 5
mknod dev/urandom c 1 9
chroot . dracut --quiet --no-hostonly --no-kernel --no-compress --no-early-microcode --force \
  --modules 'base shutdown dm crypt lvm mdraid' --omit 'caps systemd' /run/out.cpio "$(basename lib/modules/*)"
cp run/out.cpio "$out"
