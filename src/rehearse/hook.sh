#!/bin/sh
# Run by systemd-shutdown when it has closed what it can, before it enters an exitrd or ends: says on the console what is open.
echo "rehearsal: open when the system has done what it can"
set --
. /run/rehearsal/open.sh | while IFS= read -r line; do echo "rehearsal: open: $line"; done
echo "rehearsal: that is all"
