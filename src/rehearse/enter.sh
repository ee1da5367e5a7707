# PID 1 becomes a process of the miniature: its root is the root from here on. /run/program names the folder of the program.
IFS= read -r program </run/program
cd /target || exit 1
mount --move . /
exec chroot . "$program/init" "$program/pid1.sh"
