# shellcheck shell=dash
# shellcheck disable=SC2154,SC2034 # work, now, text, nl: of work.sh, steps.sh and probes.sh; said is for the caller

# dirty: leaves in $dirty how many KiB wait to be written, of all file systems (proc_meminfo(5)).
dirty() {
  local word value _unit
  dirty=0
  while read -r word value _unit; do
    case $word in Dirty:|Writeback:) dirty=$((dirty + value)) ;; esac
  done </proc/meminfo
}

# kill_all_of PID: it and what it has started. Stopped first, so that it starts nothing more; once it is dead its children are PID 1's
# (proc_pid_stat(5): state and parent come after the name).
kill_all_of() {
  local each
  kill -STOP "$1"
  for each in /proc/[0-9]*; do
    slurp "$each/stat" || continue
    case "${text##*) }" in
      [A-Za-z]" $1 "*) kill_all_of "${each#/proc/}" ;;
    esac
  done
  kill -9 "$1"
}

# Each call has a number: one that was left behind may still come to its end during another.
calls=0

# bounded SECONDS COMMAND…: its exit code; 124 when it was left behind at its bound. Leaves the last line it printed in $said.
# As long as less and less waits to be written, the bound is renewed: an unmount of a slow disk is no hang.
bounded() {
  local limit=$1 until child last which code
  shift
  calls=$((calls + 1))
  [ -p "$work/returned" ] || mkfifo -m 600 "$work/returned"
  # Opened for both, so that opening waits for nobody (fifo(7)).
  exec 6<>"$work/returned"
  (
    "$@" >"$work/said.$calls" 2>&1 </dev/null
    echo "$calls $?" >&6
  ) &
  child=$!
  clock
  until=$((now + limit * 100)) last=
  while :; do
    # shellcheck disable=SC3045 # this sh is busybox
    if read -t 1 -r which code <&6; then
      [ "$which" != "$calls" ] || break
      continue
    fi
    clock
    alive
    dirty
    [ "$dirty" -ge "${last:-$dirty}" ] || until=$((now + limit * 100))
    last=$dirty
    if [ "$now" -ge "$until" ]; then
      kill_all_of "$child" 2>/dev/null
      said="it hangs and was left behind after $limit s"
      return 124
    fi
  done
  slurp "$work/said.$calls"
  said=${text##*"$nl"}
  return "$code"
}

# patiently SECONDS COMMAND…: bounded, with less patience after each hang: where one thing comes after another, the bounds of a hundred dead
# devices would add up to an hour. What still writes is given its time all the same.
hangs=0
patiently() {
  local limit=$(($1 / (1 + hangs))) code
  shift
  [ "$limit" -ge 2 ] || limit=2
  bounded "$limit" "$@"
  code=$?
  [ "$code" != 124 ] || hangs=$((hangs + 1))
  return "$code"
}
