# shellcheck shell=dash
# Who is left after systemd's SIGKILL: kernel threads, processes in D state, and those that asked to be spared because storage may
# depend on them, by a name that begins with @ or by SurviveFinalKillSignal= (systemd: docs/ROOT_STORAGE_DAEMONS.md).

# These are spared for the pictures they show.
IDLE='plymouthd'

# survivors idle|all: pids of those that no storage depends on, or of all.
survivors() {
  local dir pid
  for dir in /proc/[0-9]*; do
    pid=${dir#/proc/}
    [ "$pid" != 1 ] && [ "$pid" != "$$" ] || continue
    # Kernel threads have no program; this tree's own processes are all of one program.
    [ -e "$dir/exe" ] && [ ! "$dir/exe" -ef /proc/1/exe ] || continue
    slurp "$dir/comm" || continue
    [ "$1" = all ] || case " $IDLE " in *" ${text#@} "*) ;; *) continue ;; esac
    echo "$pid"
  done
}

# Whom the console has heard of. What waits in the kernel for a dead disk outlives every attempt.
ended=' '

# end_survivors idle|all: asks them to end, waits half a second at most, and ends them.
end_survivors() {
  local pids pid waited=0
  pids=$(survivors "$1")
  [ -n "$pids" ] || return 0
  for pid in $pids; do
    case $ended in
      *" $pid "*) ;;
      *)
        slurp "/proc/$pid/comm" || text='?'
        say 6 "ending $text (pid $pid), which survived the kill"
        ended="$ended$pid "
        ;;
    esac
    kill -TERM "$pid"
    kill -CONT "$pid"
  done 2>/dev/null
  while [ "$waited" -lt 10 ] && [ -n "$(survivors "$1")" ]; do
    sleep 0.05
    waited=$((waited + 1))
  done
  for pid in $(survivors "$1"); do kill -KILL "$pid"; done 2>/dev/null
}
