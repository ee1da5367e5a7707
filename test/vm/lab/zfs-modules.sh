# zfs-modules.sh TREE SCRATCH OUT: compiles OpenZFS for the kernel of a Debian tree, in an overlay over it, so that the tree stays as it is.
set -eu
{ echo 5 >/proc/self/autogroup; } 2>/dev/null || true
tree=$1 scratch=$2 out=$3
mkdir -p "$scratch/upper" "$scratch/work" "$scratch/root"
mount -t overlay overlay -o "lowerdir=$tree,upperdir=$scratch/upper,workdir=$scratch/work" "$scratch/root"
cd "$scratch/root"
mount -t proc proc proc
mount --bind /dev dev
cp /etc/resolv.conf etc/resolv.conf
sed -i 's/ main$/ main contrib/' etc/apt/sources.list
export DEBIAN_FRONTEND=noninteractive
kernel=$(basename lib/modules/*)
chroot . apt-get update -q
chroot . apt-get install -qy --no-install-recommends "linux-headers-$kernel" zfs-dkms
mkdir -p "$out"
cp lib/modules/"$kernel"/updates/dkms/*.ko* "$out/"
