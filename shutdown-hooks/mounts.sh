# shellcheck shell=dash
# shellcheck disable=SC2154 # nl, path, text: of probes.sh; work: of work.sh
# What is mounted, and getting it out of the way of the plan.

# File systems of the kernel's own that hold nothing on any disk. Detached lazily nothing is lost.
is_kernel_own() {
  case $1 in
    proc|sysfs|tmpfs|ramfs|rootfs|devtmpfs|devpts|cgroup|cgroup2|pstore|bpf|tracefs|debugfs|securityfs|configfs|fusectl|mqueue|hugetlbfs|binfmt_misc|efivarfs|nsfs|rpc_pipefs|nfsd|resctrl|cpuset|xenfs|functionfs|selinuxfs|smackfs|autofs) ;;
    *) return 1 ;;
  esac
}

# mounts: MOUNT-POINT TYPE OPTIONS a line, as escaped in mountinfo, the last mounted first. The options are the file system's: those of
# a mount may say ro while another mount writes.
mounts() {
  local at rest type list=''
  while read -r _ _ _ _ at rest; do
    type=${rest#*- }
    list="$at ${type%% *} ${rest##* }$nl$list"
  done </proc/self/mountinfo
  printf %s "$list"
}

# Frees the old root of the kernel's own mounts, and everything outside it of file systems that systemd bound along.
free_old_root() {
  local at type there=' ' busy=' '
  mounts >"$work/mounts"
  while read -r at type _; do
    case $at in
      /oldroot/dev|/oldroot/proc|/oldroot/sys|/oldroot/run) there="$there$at " ;;
    esac
    case $at in
      /oldroot/dev*|/oldroot/proc*|/oldroot/sys*|/oldroot/run*)
        is_kernel_own "$type" || { at=${at#/oldroot/} busy="$busy/oldroot/${at%%/*} "; }
        ;;
    esac
  done <"$work/mounts"
  # Each of these takes all that is below along, except where something with data is; one process for all of them.
  set --
  for at in $there; do
    case $busy in *" $at "*) ;; *) set -- "$@" "$at" ;; esac
  done
  [ "$#" = 0 ] || bounded 10 umount -l "$@"
  mounts >"$work/mounts"
  while read -r at type _; do
    case $at in
      /oldroot/*) is_kernel_own "$type" || continue ;;
      /|/oldroot) continue ;;
      *) ! is_kernel_own "$type" || continue ;;
    esac
    unescape "$at"
    at=$path
    # On an automount what it mounted lies at the very same path; its step comes later.
    if is_kernel_own "$type" && carries_data "$at"; then continue; fi
    bounded 10 umount "$at" && continue
    # Lazily only where nothing with data would vanish along with it.
    ! is_kernel_own "$type" || bounded 10 umount -l "$at"
  done <"$work/mounts"
}

# carries_data PATH: something of a disk is mounted there or below.
carries_data() {
  local at type
  while read -r at type _; do
    unescape "$at"
    case $path in "$1"|"$1"/*) is_kernel_own "$type" || return 0 ;; esac
  done <"$work/mounts"
  return 1
}

# data_mounts FILE: what still has to be unmounted goes into it, everything but the kernel's own. True when there is any.
data_mounts() {
  local at type options any=1
  mounts >"$work/mounts"
  : >"$1"
  while read -r at type options; do
    [ "$at" != / ] && ! is_kernel_own "$type" || continue
    echo "$at $type $options" >>"$1"
    any=0
  done <"$work/mounts"
  return "$any"
}

# users PATH: who keeps a mount busy, as far as /proc tells: "sshd (pid 712), …".
users() {
  local dir link name found=''
  for dir in /proc/[0-9]*; do
    for link in "$dir/exe" "$dir/cwd" "$dir/root" "$dir"/fd/*; do
      case $(readlink "$link" 2>/dev/null) in
        "$1"|"$1"/*)
          slurp "$dir/comm" || text='?'
          name="$text (pid ${dir#/proc/})"
          found="$found${found:+, }$name"
          break
          ;;
      esac
    done
  done
  echo "$found"
}
