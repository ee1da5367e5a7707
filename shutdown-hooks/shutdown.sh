#!/bin/sh
# PID 1 after systemd-shutdown's pivot (systemd: src/shutdown/shutdown.c): `/shutdown VERB [options]`. It must never return, so it
# does nothing itself that can fail or hang: work.sh is its child. It pings the watchdog meanwhile, and ends in reboot(2).
# Unknown options are for other versions of systemd; they are not looked at.

verb=${1:-poweroff}
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
case $verb in
  reboot|kexec) last=reboot key=b ;;
  halt) last=halt key= ;;
  # poweroff, exit, and whatever a later systemd may invent.
  *) last=poweroff key=o ;;
esac
trap '' HUP INT QUIT TERM USR1 USR2 PIPE
# A shell that cannot fork gives up, and with PID 1 the kernel panics. Without a fork there is still this.
trap 'exec busybox $last -f -n' EXIT
echo 15 2>/dev/null >/proc/sys/kernel/panic
# The kernel panics when a limit of memory makes it choose PID 1; everything else goes first.
echo -1000 2>/dev/null >/proc/self/oom_score_adj

mount -t tmpfs -o mode=0700,size=16m,nosuid,nodev tmpfs /tmp 2>/dev/null || mount -o remount,rw / 2>/dev/null
mkfifo -m 600 /tmp/beat 2>/dev/null

# systemd armed the watchdog when it tells a time, and closed it without disarming; it names a device only where one is configured
# (systemd: src/core/main.c, src/shared/watchdog.c). A `V` would disarm it (kernel: Documentation/watchdog/watchdog-api.rst).
watched=
if [ "${WATCHDOG_USEC:-0}" != 0 ]; then
  for device in "${WATCHDOG_DEVICE:-/dev/watchdog0}" /dev/watchdog; do
    [ -z "$watched" ] && [ -c "$device" ] && (: >"$device") 2>/dev/null || continue
    # Without "command" a failure would end this shell, and with it the machine.
    command exec 9>"$device" && watched=yes
  done
fi
ping_watchdog() { [ -z "$watched" ] || echo . 2>/dev/null >&9; }

# Not kill -0: nobody may have reaped it.
lives() {
  local state=X
  read -r _ _ state _ 2>/dev/null <"/proc/$1/stat"
  case $state in Z|X) return 1 ;; esac
}

# How many seconds work.sh may stay silent. It speaks every second while anything runs, whatever that does.
PATIENCE=120

# Whoever does not want memory to be wiped has said so there (wipe.sh).
drop_keys() {
  case "$(cat /lib/uninitramfs/wipe.level /proc/cmdline)" in off*|*uninitramfs.wipe=off*) return ;; esac
  for device in /sys/block/dm-*/dm/name; do
    [ ! -r "$device" ] || uninitramfs-helper drop "$(cat "$device")" &
  done
} 2>/dev/null

word=
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
      lives "$worker" || break
    fi
  done
fi
if [ "$word" != end ]; then
  # It hangs, or died. What is still mounted is written out and made read-only by the kernel itself (Documentation/admin-guide/sysrq.rst).
  echo '<3>uninitramfs: [FAILED] the work of the exitrd did not come to its end' 2>/dev/null >/dev/kmsg
  echo s 2>/dev/null >/proc/sysrq-trigger &
  sleep 5
  ping_watchdog
  echo u 2>/dev/null >/proc/sysrq-trigger &
  sleep 5
  ping_watchdog
  # Nothing can be written any more: now what is open loses its key, each by a process of its own.
  drop_keys &
  sleep 2
fi

# reboot(2) does not come back when it works, but it may take a minute: every disk is told to write its cache. It is called by a child,
# because it may also hang for ever. Only when it came back, or after three minutes, the kernel is asked in the way that asks no device.
end() {
  local waited=0
  rm -f /tmp/came-back
  (
    [ "$verb" != kexec ] || kexec -e -x -y
    "$last" -f -n
    : >/tmp/came-back
  ) &
  while [ ! -e /tmp/came-back ] && [ "$waited" -lt 180 ]; do
    ping_watchdog
    sleep 1
    waited=$((waited + 1))
  done
  [ -z "$key" ] || echo "$key" >/proc/sysrq-trigger &
  sleep 10
}
while :; do end 2>/dev/null; done
