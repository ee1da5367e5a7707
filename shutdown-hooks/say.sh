# shellcheck shell=dash
# One line for each thing done, on the console and in the kernel's log.

# say LEVEL TEXT: LEVEL as in syslog(3), 3 error, 4 warning, 6 information.
say() {
  local shown
  printf '<%s>uninitramfs: %s\n' "$1" "$2" 2>/dev/null >/dev/kmsg
  # Where the kernel prints its log on the console, this line is there already.
  read -r shown _ 2>/dev/null </proc/sys/kernel/printk || shown=4
  [ "${shown:-4}" -gt "$1" ] || printf 'uninitramfs: %s\n' "$2"
} 2>/dev/null

# badge OUTCOME: as systemd shows it.
badge() {
  case $1 in
    done|already) echo '[  OK  ]' ;;
    abandoned) echo '[ HUNG ]' ;;
    skipped) echo '[ SKIP ]' ;;
    *) echo '[FAILED]' ;;
  esac
}

# seconds CENTISECONDS: leaves "0.07 s" in $seconds.
seconds() {
  local rest=$(($1 % 100))
  [ "$rest" -gt 9 ] || rest=0$rest
  seconds="$(($1 / 100)).$rest s"
}

# on_end N OUTCOME CENTISECONDS ERROR: what steps.sh calls as each step ends.
on_end() {
  local title level=6 tail=''
  eval "title=\$title_$1"
  case $2 in
    done) seconds "$3" && tail="  $seconds" ;;
    already) tail='  was done' ;;
    *) level=4 tail="${4:+: $4}" ;;
  esac
  say "$level" "$(badge "$2") $title$tail"
}
