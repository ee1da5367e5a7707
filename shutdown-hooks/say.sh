# shellcheck shell=dash
# One line for each thing done, on the console and in the kernel's log.

# What the kernel prints of its log on the console. Read by cat in one piece: this file gives no second byte to who asks for one at a time.
console_level=$(cat /proc/sys/kernel/printk 2>/dev/null)
console_level=${console_level%%[!0-9]*}

# say LEVEL TEXT: LEVEL as in syslog(3), 3 error, 4 warning, 6 information.
say() {
  printf '<%s>uninitramfs: %s\n' "$1" "$2" 2>/dev/null >/dev/kmsg
  # Where the kernel prints its log on the console, this line is there already.
  [ "${console_level:-4}" -gt "$1" ] || printf 'uninitramfs: %s\n' "$2"
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
