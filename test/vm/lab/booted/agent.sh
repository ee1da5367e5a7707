# Obeys the test: "NUMBER SIZE SIZE" on the port, then so many bytes of a script and of its input; answers
# "NUMBER CODE SIZE SIZE" and so many bytes of output and of errors.
port=/dev/virtio-ports/lab
mkdir -p /run/lab
while [ ! -e $port ]; do sleep 0.2; done
exec <>$port >&0
echo ready
while :; do
  # End of file only says that nobody is connected.
  read -r n script input || { sleep 0.1; continue; }
  head -c "$script" >"/run/lab/$n.sh"
  head -c "$input" >"/run/lab/$n.in"
  setsid sh "/run/lab/$n.sh" <"/run/lab/$n.in" >"/run/lab/$n.out" 2>"/run/lab/$n.err"
  code=$?
  cd /run/lab || exit 1
  echo "$n $code $(stat -c %s "$n.out") $(stat -c %s "$n.err")"
  cat "$n.out" "$n.err"
  rm -f "$n".*
  cd / || exit 1
done
