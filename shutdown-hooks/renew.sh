#!/bin/sh
# As a shutdown begins: the plan is made anew only where there is something that no plan was made for. What is gone since is found closed.
# `renew.sh print [ROOT]` tells what a plan made now is made from.
lib=${0%/*}
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C
for part in probes mounts state; do
  # shellcheck source=/dev/null
  . "$lib/$part.sh"
done
if [ "${1:-}" = print ]; then
  state "${2:-}"
  exit
fi
if [ -r "$lib/plan.state" ]; then
  new=$(state | grep -vxF -f "$lib/plan.state")
  if [ -z "$new" ]; then
    echo 'nothing is new since the plan was made'
    exit 0
  fi
  printf 'new since the plan was made: %.300s\n' "$new"
fi
exec uninitramfs exitrd refresh
