# initramfs.sh TREE FILES OUT: Debian's own mkinitramfs, in the tree with a host's files laid over it; the tree itself stays as it is.
set -eu
tree=$1 files=$2 out=$3
work=$(dirname "$out")
mkdir -p "$work/upper" "$work/work" "$work/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$work/upper,workdir=$work/work" "$work/root"
cp -a "$files/." "$work/root/"
cd "$work/root"
mount -t proc proc proc
# No disk of this machine: the hooks would look at them.
mount -t tmpfs dev dev
mknod dev/null c 1 3
mknod dev/zero c 1 5
mknod dev/urandom c 1 9
chroot . mkinitramfs -o /run/initrd "$(basename lib/modules/*)"
cp run/initrd "$out"
