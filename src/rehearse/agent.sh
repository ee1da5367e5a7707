# Obeys the serial line: a number runs /lab/NUMBER.sh and leaves .out, .err and .rc beside it.
stty raw -echo </dev/ttyS0
exec <>/dev/ttyS0 >&0
echo ready
while read -r n; do
  setsid sh "/lab/$n.sh" </dev/null >"/lab/$n.out" 2>"/lab/$n.err"
  echo $? >"/lab/$n.rc"
  echo "ended $n"
done
# Nobody is at the other end any more: PID 1 ends, and the machine with it.
echo /dev/null >/run/pid1
