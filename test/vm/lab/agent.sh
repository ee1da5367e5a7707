stty raw -echo </dev/ttyS0
exec <>/dev/ttyS0 >&0
echo ready
while read -r n; do
  setsid sh "/lab/$n.sh" </dev/null >"/lab/$n.out" 2>"/lab/$n.err"
  echo $? >"/lab/$n.rc"
  echo "ended $n"
done
