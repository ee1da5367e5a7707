# shellcheck shell=dash
# shellcheck disable=SC2154,SC2034 # work, now: of work.sh and steps.sh; said is for the caller

# bounded SECONDS COMMAND…: its exit code; 124 when it was left behind at its bound. Leaves the last line it printed in $said.
bounded() {
  local limit=$1 until child
  shift
  rm -f "$work/code"
  (
    "$@" >"$work/said" 2>&1 </dev/null
    echo $? >"$work/code.new"
    mv "$work/code.new" "$work/code"
  ) &
  child=$!
  clock
  until=$((now + limit * 100))
  while [ ! -e "$work/code" ]; do
    sleep 0.02
    clock
    if [ "$now" -ge "$until" ]; then
      kill -9 "$child" 2>/dev/null
      said="it hangs and was left behind after $limit s"
      return 124
    fi
  done
  said=$(tail -n 1 "$work/said" 2>/dev/null)
  alive
  return "$(cat "$work/code")"
}
