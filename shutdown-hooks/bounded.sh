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

# bounded SECONDS COMMAND…: its exit code; 124 when it was left behind at its bound. Leaves the last line it printed in $said.
# As long as less and less waits to be written, the bound is renewed: an unmount of a slow disk is no hang.
bounded() {
  local limit=$1 until child beat last dirty
  shift
  rm -f "$work/code"
  (
    "$@" >"$work/said" 2>&1 </dev/null
    echo $? >"$work/code.new"
    mv "$work/code.new" "$work/code"
  ) &
  child=$!
  clock
  until=$((now + limit * 100)) beat=$((now + 100)) last=
  while [ ! -e "$work/code" ]; do
    sleep 0.02
    clock
    [ "$now" -ge "$beat" ] || continue
    beat=$((now + 100))
    alive
    dirty
    [ "$dirty" -ge "${last:-$dirty}" ] || until=$((now + limit * 100))
    last=$dirty
    if [ "$now" -ge "$until" ]; then
      kill -9 "$child" 2>/dev/null
      said="it hangs and was left behind after $limit s"
      return 124
    fi
  done
  slurp "$work/said"
  said=${text##*"$nl"}
  slurp "$work/code"
  return "$text"
}
