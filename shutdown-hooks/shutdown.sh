#!/bin/sh
# PID 1 after systemd-shutdown's pivot (systemd: src/shutdown/shutdown.c): `/shutdown VERB [options]`. It must never return, so it
# does nothing itself that can fail or hang: work.sh is its child. It pings the watchdog meanwhile, and ends in reboot(2).
# Unknown options are for other versions of systemd; they are not looked at.

verb=${1:-poweroff}
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
trap '' HUP INT QUIT TERM USR1 USR2 PIPE

# The kernel panics when a limit of memory makes it choose PID 1; everything else goes first.
echo -1000 2>/dev/null >/proc/self/oom_score_adj
# Should this shell die all the same, a panic must not stand still for ever.
echo 15 2>/dev/null >/proc/sys/kernel/panic

mount -t tmpfs -o mode=0700,size=16m,nosuid,nodev tmpfs /tmp 2>/dev/null || mount -o remount,rw / 2>/dev/null
mkfifo -m 600 /tmp/beat 2>/dev/null

# systemd-shutdown closed the device without disarming it; a `V` would disarm it (kernel: Documentation/watchdog/watchdog-api.rst).
watched=
if [ -n "${WATCHDOG_DEVICE:-}" ] && (: >"$WATCHDOG_DEVICE") 2>/dev/null; then
  # Without "command" a failure would end this shell, and with it the machine.
  command exec 9>"$WATCHDOG_DEVICE" && watched=yes
fi
ping_watchdog() { [ -z "$watched" ] || echo . 2>/dev/null >&9; }

# How many seconds work.sh may stay silent. It speaks every second while steps run, whatever they do.
PATIENCE=120

if [ -p /tmp/beat ]; then
  exec 3<>/tmp/beat
  (echo 0 >/proc/self/oom_score_adj; exec /bin/sh /lib/uninitramfs/work.sh "$verb") 9>&- &
  worker=$!
  silent=0
  while [ "$silent" -lt "$PATIENCE" ]; do
    ping_watchdog
    # shellcheck disable=SC3045 # this sh is busybox
    if read -t 1 -r word <&3; then
      [ "$word" != end ] || break
      silent=0
    else
      silent=$((silent + 1))
      kill -0 "$worker" 2>/dev/null || break
    fi
  done
fi

# reboot(2) never comes back when it works. It is called by a child, because the kernel may hang in it.
end() {
  ping_watchdog
  case $verb in
    kexec) command -v kexec >/dev/null && kexec -e -x -y & sleep 3; reboot -f -n & ;;
    reboot) reboot -f -n & ;;
    halt) halt -f -n & ;;
    # poweroff, exit, and whatever a later systemd may invent.
    *) poweroff -f -n & ;;
  esac
  sleep 5
  ping_watchdog
  # kernel: Documentation/admin-guide/sysrq.rst
  case $verb in
    reboot|kexec) echo b >/proc/sysrq-trigger & ;;
    halt) ;;
    *) echo o >/proc/sysrq-trigger & ;;
  esac
  sleep 5
}
while :; do end 2>/dev/null; done
