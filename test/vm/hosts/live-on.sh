# live_on PROGRAMS DIR: makes $T the root of a mount namespace whose programs lie below $T$PROGRAMS, captures the host from
# there as if it had booted from it, and leaves the capture in /lab/DIR.
live_on() {
  programs=$1 out=$2
  mkdir -p "$T$programs/bin" "$T$programs/lib" "$T/lib64" "$T/tmp" "$T/proc" "$T/sys" "$T/dev" "$T/run" "$T/old" "$T/etc"
  cp "$(readlink -f "$(command -v node)")" "$T$programs/bin/node"
  ldd "$T$programs/bin/node" | sed -n 's/.*=> \(\/[^ ]*\).*/\1/p' | while read -r lib; do cp -L "$lib" "$T$programs/lib/"; done
  cp -L /lib64/ld-linux-x86-64.so.2 "$T/lib64/"
  cp /lab/dist/*.cjs "$T$programs/lib/"
  # Debian's node reads parts of itself from there at every start.
  for file in $(grep -ao '/usr/share/nodejs/[a-zA-Z0-9_./-]*\.js' "$(ldconfig -p | sed -n 's/.*libnode.* => //p' | head -n 1)" | sort -u); do
    mkdir -p "$T$(dirname "$file")"
    cp "$file" "$T$file"
  done
  cp /bin/busybox "$T$programs/bin/"
  [ -e "$T/etc/fstab" ] || echo '# none' >"$T/etc/fstab"
  echo 'PRETTY_NAME="Debian GNU/Linux 13 (trixie)"' >"$T/etc/os-release"
  udevadm settle
  unshare --mount --propagation private sh -eu -c '
    T=$1 programs=$2 out=$3
    cd "$T"
    mount -t proc proc proc
    mount -t sysfs sysfs sys
    mount -t devtmpfs devtmpfs dev
    mount -t devpts devpts dev/pts
    mount --move /run run
    pivot_root . old
    exec "$programs/bin/busybox" sh -eu -c "
      programs=\$0
      \$programs/bin/busybox umount -l /old
      LD_LIBRARY_PATH=\$programs/lib \$programs/bin/node \$programs/lib/uninitramfs.cjs capture /run/capture
    " "$programs" </dev/null
  ' sh "$T" "$programs" "$out"
  mkdir -p "/lab/$out"
  cp -a /run/capture/. "/lab/$out/"
}
