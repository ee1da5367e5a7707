# shellcheck shell=dash
# shellcheck disable=SC2154 # text: of probes.sh
# What a plan is made from, as far as it changes while a host runs: one line for each thing that may have a step.

# state [ROOT]: of this host, or of a captured one. A thing that changed has another line; one that is gone has none.
state() {
  local root=${1:-} dev line at rest
  for dev in "$root"/sys/block/*; do
    line="device ${dev##*/}"
    for at in dm/name dm/uuid md/level md/metadata_version loop/backing_file pid; do ! slurp "$dev/$at" || line="$line $text"; done
    for at in "$dev"/slaves/*; do ! exists "$at" || line="$line on ${at##*/}"; done
    # Plain disks are not closed.
    [ "$line" = "device ${dev##*/}" ] || printf '%s\n' "$line"
  done
  for at in "$root"/sys/fs/btrfs/*-*/devices/* "$root"/sys/fs/bcache/*-* "$root"/proc/spl/kstat/zfs/*/; do
    ! exists "$at" || printf '%s\n' "member ${at#"$root"}"
  done
  # Without the options: those of a mount may change, and its steps stay the same.
  while read -r line; do
    rest=${line#* - }
    case $rest in
      autofs*) ;;
      *) ! is_kernel_own "${rest%% *}" || continue ;;
    esac
    # shellcheck disable=SC2086 # to be split into words
    set -f -- $line
    set +f
    printf '%s\n' "mount $1 $2 $3 $4 $5 ${rest% *}"
  done <"$root/proc/self/mountinfo"
  while read -r at _; do
    case $at in /*) printf '%s\n' "swap $at" ;; esac
  done <"$root/proc/swaps"
  if equals "$root/sys/kernel/kexec_loaded" 1 && ! exists "$root/run/initramfs/usr/bin/kexec"; then echo 'a kernel is loaded for kexec'; fi
}
