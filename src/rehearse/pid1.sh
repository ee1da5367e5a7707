# PID 1 waits here until it is told what to become: the name of a script, written to /run/pid1.
next=
while [ -z "$next" ]; do read -r next </run/pid1; done
. "$next"
