# shellcheck shell=dash
# shellcheck disable=SC2154 # text, said: of probes.sh and bounded.sh
# Mappings that somebody suspended. What is to be written on one waits for ever, and whoever wants to sync it: in the end PID 1
# (systemd: src/shutdown/detach-dm.c).

# any_suspended: whether there is one.
any_suspended() {
  local dev
  for dev in /sys/block/dm-*; do ! equals "$dev/dm/suspended" 1 || return 0; done
  return 1
}

# resume_suspended: at the end of a shutdown who suspended them is gone. A LUKS device without its key stays as it is (cryptsetup-luksSuspend(8)).
resume_suspended() {
  local dev name
  for dev in /sys/block/dm-*; do
    equals "$dev/dm/suspended" 1 && slurp "$dev/dm/name" || continue
    name=$text
    # udev may have ended before.
    if patiently 10 dmsetup resume --noudevsync -- "$name"; then
      say 4 "[  OK  ] resume $name, which somebody left suspended"
    else
      say 4 "[FAILED] $name stays suspended: $said"
    fi
  done
}
