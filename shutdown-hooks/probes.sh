# shellcheck shell=dash
# The questions a step may ask. Their meaning is the live runner's (src/run/ask.ts); a test compares the two.

nl='
'

# slurp FILE: leaves its text in $text, without white space at its ends. Nothing is forked: there are hundreds of these.
slurp() {
  local line
  text=
  { while IFS= read -r line || [ -n "$line" ]; do text="$text$line$nl"; done <"$1"; } 2>/dev/null || return 1
  text=${text#"${text%%[![:space:]]*}"}
  text=${text%"${text##*[![:space:]]}"}
}

# unescape WORD: leaves the path behind a word of /proc/self/mountinfo or /proc/swaps in $path (kernel: fs/proc_namespace.c, mangle).
unescape() {
  local rest=$1
  path=
  while :; do
    case $rest in
      *\\040*|*\\011*|*\\012*|*\\043*|*\\134*) ;;
      *) path=$path$rest; return 0 ;;
    esac
    path=$path${rest%%\\*}
    rest=${rest#*\\}
    case $rest in
      040*) path="$path " rest=${rest#040} ;;
      011*) path="$path	" rest=${rest#011} ;;
      012*) path=$path$nl rest=${rest#012} ;;
      043*) path=$path# rest=${rest#043} ;;
      134*) path=$path\\ rest=${rest#134} ;;
      *) path=$path\\ ;;
    esac
  done
}

exists() { [ -e "$1" ] || [ -L "$1" ]; }

equals() { slurp "$1" && [ "$text" = "$2" ]; }

# mounted PATH [TYPE] [MOUNT-ID]
mounted() {
  local id _parent _devno _root at rest type top=
  while read -r id _parent _devno _root at rest; do
    # By their length most cannot be it. A name of thousands of spaces takes a third of a second, and anybody may make one.
    [ "${#at}" -ge "${#1}" ] && [ "${#at}" -le $((4 * ${#1})) ] || continue
    unescape "$at"
    [ "$path" = "$1" ] || continue
    [ "${3:-}" != "$id" ] || return 0
    type=${rest#*- }
    top=${type%% *}
  done </proc/self/mountinfo
  [ -z "${3:-}" ] || return 1
  [ -n "$top" ] || return 1
  [ -z "${2:-}" ] || [ "$top" = "$2" ]
}

# swapped PATH. After the pivot the kernel tells a swap area's path as it looks from here: /oldroot/dev/dm-2, or /dm-2.
swapped() {
  local at _rest
  while read -r at _rest; do
    unescape "$at"
    case $path in
      "$1"|/oldroot"$1") return 0 ;;
      /*/*) ;;
      /?*) case $1 in /dev/*"$path") return 0 ;; esac ;;
    esac
  done </proc/swaps
  return 1
}

# field INDEX TEXT COMMAND…: word number INDEX (from 0) of what it prints.
field() {
  local index=$1 wanted=$2 said
  shift 2
  said=$( (exec "$@") 2>/dev/null </dev/null) || return 1
  set -f
  # shellcheck disable=SC2086 # to be split into words
  set -- $said
  set +f
  [ "$#" -gt "$index" ] || return 1
  shift "$index"
  [ "$1" = "$wanted" ]
}
