#!/bin/sh
# The live phase of a shutdown, while systemd still runs and after it has unmounted what it manages: closes what lies outside the
# root. What it cannot close now, the exitrd closes later; so it never fails.
# `live.sh network` comes earlier, before the network goes: closes what lies on that.

# shellcheck disable=SC2154 # plan: of plan.sh
lib=${0%/*}
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:/run/current-system/sw/bin LC_ALL=C HOME=/ LVM_SUPPRESS_FD_WARNINGS=1
# Nobody but root writes there.
work=/run/uninitramfs-live.$$
for part in probes steps plan say bounded suspended; do
  # shellcheck source=/dev/null
  . "$lib/$part.sh"
done

# To the journal, which reads the level (sd-daemon(3)).
say() { printf '<%s>%s\n' "$1" "$2"; }
alive() { :; }

# is_shutdown: not a stop by hand or by a package's upgrade, nor a soft reboot, which keeps devices open for the next userspace.
is_shutdown() {
  local job
  [ "$(timeout 5 systemctl is-system-running)" = stopping ] || return 1
  job=$(timeout 5 systemctl show -p Job --value soft-reboot.target)
  [ "${job:-0}" = 0 ]
}

if [ "${1:-}" = network ]; then
  is_shutdown || exit 0
  # Services that systemd does not know to lie there stop meanwhile.
  # shellcheck disable=SC2034 # of steps.sh
  patience=20
fi
# Left to systemd-shutdown they would hold it up for minutes, or for ever. Who is just about to resume one gets two seconds.
if any_suspended; then
  sleep 2
  mkdir -m 700 "$work"
  resume_suspended
fi
choose_plan "$lib/plan.${1:-live}" || exit 0
# shellcheck source=/dev/null
. "$plan"
run_plan
[ ! -d "$work" ] || rm -rf "$work"
exit 0
