# shellcheck shell=dash
# Runs the steps of a compiled plan: what the live runner does (src/run), in sh. The plan calls `step` for each of its steps and
# defines unless_N, ops_N and, for some, progress_N. A test runs random steps through both and compares.
#
# In: $work, a directory of our own, or the name of one that is made where it is needed; probes.sh. Calls on_end N OUTCOME CENTISECONDS ERROR… as steps end, and alive about once a second.

# shellcheck disable=SC2154 # work, text: see above
steps=0 rounds=0
# A fork is cheap, but memory may be scarce by now.
at_once=${at_once:-32}

# step TITLE ON-FAIL SECONDS CLOSES EXCLUSIVE NEEDS…
step() {
  steps=$((steps + 1))
  eval "title_$steps=\$1 on_fail_$steps=\$2 limit_$steps=$(($3 * 100)) closes_$steps=\$4 exclusive_$steps=\$5 state_$steps=waiting then_$steps="
  shift 5
  eval "left_$steps=$#"
  local need
  for need; do eval "then_$need=\"\$then_$need $steps\""; done
}

# For a second round with the same plan. What hung once is not tried again.
given_up=
forget_steps() {
  local k=0 state
  while [ "$k" != "$steps" ]; do
    k=$((k + 1))
    eval "state=\$state_$k"
    [ "$state" != abandoned ] || given_up="$given_up $k"
  done
  steps=0
  rm -f "$work"/over.* "$work"/moved.* "$work"/error.* "$work"/pid.*
}

# Leaves centiseconds since boot in $now.
clock() {
  local up _idle
  read -r up _idle </proc/uptime
  now=${up%.*}${up#*.}
  while [ "${now#0}" != "$now" ] && [ "$now" != 0 ]; do now=${now#0}; done
}

# persist RETRY-SECONDS COMMAND…: tries again while it fails, as long as the op of the step that runs allows.
persist() {
  local until
  clock
  until=$((now + $1 * 100))
  shift
  while ! "$@"; do
    clock
    [ "$now" -lt "$until" ] || return 1
    sleep 0.1
    # Somebody else may have done it meanwhile, and the same words would then mean what lies below.
    if closing && "unless_$n"; then return 0; fi
  done
}

# complain TEXT: why an op failed is the last line it printed that says more than that, or TEXT.
complain() {
  grep -vxF 'Command failed.' "$work/out.$n" | tail -n 1 >"$work/error.$n"
  [ -s "$work/error.$n" ] || echo "$1" >"$work/error.$n"
}

# run RETRY-SECONDS OK-CODES COMMAND…: $patience is the least time it is tried for.
run() {
  local retry=$1
  [ "$retry" -ge "${patience:-0}" ] || retry=$patience
  shift
  if ! command -v "$2" >/dev/null 2>&1; then
    echo "$2 is not installed" >"$work/error.$n"
    return 1
  fi
  persist "$retry" run_once "$@"
}

run_once() {
  local ok=$1 code
  shift
  # Not `&` and `wait`: systemd-shutdown hands its blocked SIGCHLD down, and wait would then sleep for ever. With exec, a function or
  # builtin of that name is not meant.
  (
    read -r pid _ </proc/self/stat
    echo "$pid" >"$work/pid.$n"
    exec "$@"
  ) >"$work/out.$n" 2>&1 </dev/null
  code=$?
  : >"$work/pid.$n"
  case " $ok " in *" $code "*) return 0 ;; esac
  complain "exit code $code from $1"
  return 1
}

# put RETRY-SECONDS PATH TEXT: writes to a file of sysfs or procfs.
put() {
  local retry=$1
  shift
  persist "$retry" put_once "$@"
}

put_once() {
  if [ -e "$1" ] && { printf %s "$2" >"$1"; } 2>"$work/out.$n"; then return 0; fi
  complain "$1 is not there"
  return 1
}

# await SECONDS PROBE…: until the probe says yes, longer only while the step makes progress.
await() {
  local seconds=$1 until last='' moved
  shift
  clock
  until=$((now + seconds * 100))
  while ! "$@"; do
    sleep 0.1
    clock
    if command -v "progress_$n" >/dev/null; then
      moved=$("progress_$n" 2>/dev/null)
      [ "$moved" = "$last" ] || until=$((now + seconds * 100))
      last=$moved
    fi
    if [ "$now" -ge "$until" ]; then
      echo "nothing happened for $seconds s" >"$work/error.$n"
      return 1
    fi
  done
}

closing() { eval "[ \"\$closes_$n\" != 0 ]"; }

settled() {
  local until
  clock
  until=$((now + 300))
  while ! "unless_$n"; do
    sleep 0.1
    clock
    [ "$now" -lt "$until" ] || return 1
  done
}

# perform N: one step, in a process of its own. Tells the scheduler what became of it.
perform() {
  n=$1
  clock
  local began=$now outcome='done' error=''
  if "unless_$n"; then
    outcome=already
  elif "ops_$n"; then
    if closing && ! settled; then
      outcome=failed
      error='every command succeeded, but it is still open'
    fi
  # What went wrong does not matter when the thing is gone all the same (deferred removal, a second teardown).
  elif ! "unless_$n"; then
    outcome=failed
    slurp "$work/error.$n"
    error=$text
  fi
  clock
  # One write, so that lines of several steps do not mix (pipe(7), PIPE_BUF).
  printf '%s %s %s %.400s\n' "$n" "$outcome" "$((now - began))" "$error"
}

# run_plan: every step whose needs are met, side by side. What hangs is left behind at its bound.
run_plan() {
  local open=$steps running=0 busy=' ' ready='' k='' ticker='' word took error
  while [ "$k" != "$steps" ]; do
    k=$((k + 1))
    eval "[ \"\$left_$k\" != 0 ] || ready=\"\$ready $k\""
  done
  start_ready
  [ -n "$ticker" ] || return 0
  while [ "$open" -gt 0 ]; do
    read -r k word took error <&8 || break
    if [ "$k" = tick ]; then
      alive
      look_at_bounds
    else
      eval "[ \"\$state_$k\" != running ] || settle \"\$k\" \"\$word\" \"\$took\" \"\$error\""
    fi
    start_ready
  done
  kill "$ticker" 2>/dev/null
  exec 8>&-
  rounds=$((rounds + 1))
}

# Where nothing runs nothing has to be heard of.
start_listening() {
  [ -z "$ticker" ] || return 0
  [ -d "$work" ] || mkdir -m 700 "$work"
  # One for each round: what was left behind may still tell the old one of its end.
  [ -p "$work/ended.$rounds" ] || mkfifo -m 600 "$work/ended.$rounds"
  exec 8<>"$work/ended.$rounds"
  (while sleep 1; do echo tick; done) >&8 2>/dev/null &
  ticker=$!
}

# Starts what may start. Uses and changes the variables of run_plan.
start_ready() {
  local later='' word
  while [ -n "$ready" ]; do
    k=${ready# }
    ready=${k#"${k%% *}"}
    k=${k%% *}
    case "$given_up " in
      *" $k "*) finish "$k" abandoned 0 'it hung before'; continue ;;
    esac
    # What is closed already needs no process of its own.
    if ! command -v "ask_apart_$k" >/dev/null && "unless_$k" 2>/dev/null; then
      finish "$k" already 0
      continue
    fi
    eval "word=\$exclusive_$k"
    if [ "$running" -ge "$at_once" ]; then
      later="$later $k"
      continue
    fi
    case $busy in
      *" ${word:-.} "*) later="$later $k"; continue ;;
    esac
    [ -z "$word" ] || busy="$busy$word "
    running=$((running + 1))
    start_listening
    clock
    eval "state_$k=running began_$k=$now renewed_$k=$now moved_$k="
    perform "$k" >&8 2>/dev/null </dev/null &
    eval "child_$k=$!"
  done
  ready=$later
}

# settle N OUTCOME CENTISECONDS ERROR: a step that ran has ended.
settle() {
  local word
  eval "word=\$exclusive_$1"
  [ -z "$word" ] || busy="${busy%%" $word "*} ${busy#*" $word "}"
  running=$((running - 1))
  finish "$@"
}

# finish N OUTCOME CENTISECONDS ERROR: tells it, and frees or skips what needs it.
finish() {
  local next left
  open=$((open - 1))
  eval "state_$1=\$2"
  on_end "$@"
  eval "set -- \"\$1\" \"\$2\" \"\$on_fail_$1\" \"\$title_$1\" \$then_$1"
  local outcome=$2 on_fail=$3 title=$4
  shift 4
  for next; do
    eval "[ \"\$state_$next\" = waiting ]" || continue
    case $outcome in
      done|already) ;;
      *)
        if [ "$on_fail" != go-on ]; then
          finish "$next" skipped 0 "not tried, because this was not done: $title"
          continue
        fi
        ;;
    esac
    eval "left_$next=\$((left_$next - 1)) left=\$left_$next"
    [ "$left" != 0 ] || ready="$ready $next"
  done
}

# At each tick: a step beyond its bound that shows no progress is killed, and left behind when it does not die of that.
look_at_bounds() {
  local k='' state late
  clock
  while [ "$k" != "$steps" ]; do
    k=$((k + 1))
    eval "state=\$state_$k"
    case $state in
      dying) bury "$k" ;;
      running)
        progress_of "$k"
        eval "late=\$((now - renewed_$k - limit_$k))"
        [ "$late" -lt 0 ] || end_step "$k"
        ;;
    esac
  done
}

# end_step N: kills it.
end_step() {
  local child command='' waited=0
  : >"$work/over.$1"
  eval "child=\$child_$1"
  # The step's shell first, so that it does not go on with its next op.
  kill -9 "$child" 2>/dev/null
  [ ! -s "$work/pid.$1" ] || read -r command <"$work/pid.$1"
  [ -z "$command" ] || kill -9 "$command" 2>/dev/null
  eval "state_$1=dying killed_$1=$now pids_$1=\"\$child \$command\""
  # Most are dead at once. For the others nobody waits here: the watchdog must hear of us, and other steps of their turn.
  while [ "$waited" -lt 3 ] && bury "$1"; do
    sleep 0.1
    waited=$((waited + 1))
  done
}

# bury N: a killed step has five seconds to die, for a disk may be slow; one in D state does not. Fails when nothing is left to wait for.
bury() {
  local pid hanging='' took
  eval "set -- $1 \$pids_$1"
  clock
  eval "took=\$((now - began_$1))"
  for pid in ${2:+"$2"} ${3:+"$3"}; do
    ! lives "$pid" || hanging="$hanging $pid"
  done
  if [ -z "$hanging" ]; then
    settle "$1" failed "$took" "was still running after its $((took / 100)) s and was killed"
  elif eval "[ \$((now - killed_$1)) -ge 500 ]"; then
    settle "$1" abandoned "$took" "hangs in the kernel and was left behind (pid${hanging})"
  else
    return 0
  fi
  return 1
}

# A watcher of its own, so that a progress command that hangs hangs alone.
progress_of() {
  local last seen=''
  command -v "progress_$1" >/dev/null || return 0
  eval "last=\$moved_$1"
  if [ -z "$last" ]; then
    eval "moved_$1=watched"
    (
      while [ ! -e "$work/over.$1" ]; do
        "progress_$1" >"$work/moved.$1.new" 2>/dev/null && mv "$work/moved.$1.new" "$work/moved.$1"
        sleep 1
      done
    ) >/dev/null 2>&1 </dev/null &
    return 0
  fi
  ! slurp "$work/moved.$1" || seen=$text
  [ "watched$seen" = "$last" ] || eval "moved_$1=watched\$seen renewed_$1=$now"
}

# A zombie is dead.
lives() {
  slurp "/proc/$1/stat" || return 1
  case ${text##*) } in Z*|X*) return 1 ;; esac
}
