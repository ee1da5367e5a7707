# The words faults are injected in.
PASS=/run/pass
printf 'correct horse battery staple' >$PASS

# save FOLDER: what must be there afterwards, written out as a program does that cares; and something that nobody has synced.
save() {
  head -c 300000 /dev/urandom >"$1/saved"
  (cd "$1" && sha256sum saved >saved.sum)
  sync "$1/saved" "$1/saved.sum" "$1"
  head -c 3000000 /dev/urandom >"$1/unsynced"
}

# luks DEVICE NAME: formats and opens it.
luks() {
  cryptsetup luksFormat -q --type luks2 --luks2-metadata-size 16k --luks2-keyslots-size 256k --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file $PASS "$1"
  cryptsetup open --disable-keyring --key-file $PASS "$1" "$2"
}

# ext4 DEVICE FOLDER: makes one, and mounts it.
ext4() {
  mke2fs -q -t ext4 "$1"
  mkdir -p "$2"
  mount "$1" "$2"
}

# stay NAME COMMAND…: a process that systemd spares, for it takes it for a daemon of the root's storage (systemd: docs/ROOT_STORAGE_DAEMONS.md).
stay() {
  stays=$1
  shift
  systemd-run --quiet --unit="$stays" -p KillMode=none -p TimeoutStopSec=1 -p WorkingDirectory=/root bash -c 'name=$1; shift; exec -a "@$name" "$@"' - "$stays" "$@"
}

# config LINE…: of uninitramfs.toml.
config() {
  mkdir -p /etc/uninitramfs
  printf '%s\n' "$@" >/etc/uninitramfs/uninitramfs.toml
}

# lvm2's own unit looks into every device at a shutdown, and waits for one that hangs (blkdeactivate(8)).
without_lvm_units() {
  for unit in lvm2-monitor blk-availability; do
    mkdir -p /run/systemd/system/$unit.service.d
    printf '[Service]\nExecStop=\n' >/run/systemd/system/$unit.service.d/lab.conf
  done
  systemctl daemon-reload
}

# systemd waits a minute and a half for each thing that hangs, before any exitrd has its turn; here ten seconds, so that the tests end.
patience() {
  mkdir -p /etc/systemd/system.conf.d
  printf '[Manager]\nDefaultTimeoutStopSec=10\n' >/etc/systemd/system.conf.d/patience.conf
  systemctl daemon-reexec
}

# give_up SECONDS: after that systemd ends the machine, whatever it still waits for. By itself it does after half an hour (poweroff.target).
give_up() {
  mkdir -p /etc/systemd/system/poweroff.target.d
  printf '[Unit]\nJobTimeoutSec=%s\n' "$1" >/etc/systemd/system/poweroff.target.d/lab.conf
  systemctl daemon-reload
}

# watchdog: it resets the machine when nobody speaks to it for ten seconds.
watchdog() {
  mkdir -p /etc/systemd/system.conf.d
  printf '[Manager]\nRuntimeWatchdogSec=10\nRebootWatchdogSec=10\n' >/etc/systemd/system.conf.d/watchdog.conf
  patience
  until [ "$(cat /sys/class/watchdog/watchdog0/state)" = active ]; do sleep 0.5; done
}

# never DEVICE NAME FROM SECTORS: what lies there is not answered for a day. udev would look into it, and wait as well.
never() {
  systemctl stop systemd-udevd-kernel.socket systemd-udevd-control.socket systemd-udevd
  if [ ! -e "/dev/mapper/$2" ]; then
    dmsetup create "$2" --noudevsync --table "0 $4 delay $1 $3 100000000"
    dmsetup mknodes "$2"
    return
  fi
  dmsetup suspend --noflush --nolockfs "$2"
  dmsetup load "$2" --table "0 $4 delay $1 $3 100000000"
  dmsetup resume --noudevsync "$2"
}
