# shellcheck shell=dash
# shellcheck disable=SC2154,SC2034 # work, nl: of work.sh and probes.sh; failed, told, closed: for work.sh
# One line for each thing done, on the console and in the kernel's log.

# What the kernel prints of its log on the console. Read by cat in one piece: this file gives no second byte to who asks for one at a time.
console_level=$(cat /proc/sys/kernel/printk 2>/dev/null)
console_level=${console_level%%[!0-9]*}
# What an administrator does not want to read there goes to the kernel's log alone.
quiet=
[ ! -e "$lib/console.failures" ] || {
  quiet=yes
  [ "${console_level:-4}" -le 5 ] || echo 5 >/proc/sys/kernel/printk
} 2>/dev/null

# start_speaker: a console that takes no more (Ctrl-S, a serial line with nobody at its end) holds up this process and no other.
start_speaker() {
  spoken=0 speaker=
  [ -p "$work/lines" ] || mkfifo -m 600 "$work/lines" || return 0
  exec 7<>"$work/lines"
  (
    heard=0
    while read -r line <&7; do
      printf '%s\n' "$line"
      heard=$((heard + 1))
      echo "$heard" >"$work/heard"
    done
  ) &
  speaker=$!
}

# How many lines the console has not taken yet.
unheard() {
  local heard=0
  read -r heard 2>/dev/null <"$work/heard"
  [ $((spoken - ${heard:-0})) -gt "$1" ]
}

# finish_speaking: gives the console two seconds for what is left.
finish_speaking() {
  local waited=0
  while [ -n "$speaker" ] && unheard 0 && [ "$waited" -lt 100 ]; do
    sleep 0.02
    waited=$((waited + 1))
  done
}

# printable TEXT: leaves it in $shown without what a terminal would obey. Whoever mounts by fuse or names a process chooses characters.
printable() {
  local rest=$1
  shown=
  while :; do
    case $rest in
      *[[:cntrl:]]*) ;;
      *) shown=$shown$rest; return 0 ;;
    esac
    shown="$shown${rest%%[[:cntrl:]]*}?"
    rest=${rest#*[[:cntrl:]]}
  done
}

# say LEVEL TEXT: LEVEL as in syslog(3), 3 error, 4 warning, 6 information.
say() {
  local shown
  printable "$2"
  printf '<%s>uninitramfs: %s\n' "$1" "$shown" 2>/dev/null >/dev/kmsg
  [ -z "$quiet" ] || [ "$1" -le 4 ] || return 0
  # Where the kernel prints its log on the console, this line is there already. A pipe takes 64 KiB before it holds up who writes.
  [ "${console_level:-4}" -gt "$1" ] || [ -z "$speaker" ] || unheard 200 || {
    printf 'uninitramfs: %.300s\n' "$shown" >&7
    spoken=$((spoken + 1))
  }
} 2>/dev/null

# badge OUTCOME: leaves in $badge how systemd shows it.
badge() {
  case $1 in
    done|already) badge='[  OK  ]' ;;
    abandoned) badge='[ HUNG ]' ;;
    skipped) badge='[ SKIP ]' ;;
    *) badge='[FAILED]' ;;
  esac
}

# seconds CENTISECONDS: leaves "0.07 s" in $seconds.
seconds() {
  local rest=$(($1 % 100))
  [ "$rest" -gt 9 ] || rest=0$rest
  seconds="$(($1 / 100)).$rest s"
}

# on_end N OUTCOME CENTISECONDS ERROR: what steps.sh calls as each step ends. In a second round only what is new is told.
failed=
again=
told=
closed=0
on_end() {
  local title level=6 tail=''
  case $2 in
    done) closed=$((closed + 1)) ;;
    already) closed=$((closed + 1)); [ -z "$again" ] || return 0 ;;
    *) failed=yes ;;
  esac
  eval "title=\$title_$1"
  told="$told$nl$title$nl"
  case $2 in
    done) seconds "$3" && tail="  $seconds" ;;
    already) tail='  was done' ;;
    *) level=4 tail="${4:+: $4}" ;;
  esac
  badge "$2"
  say "$level" "$badge $title$tail"
}
