# Looks at the disks of a machine that is off: a line for each thing that was left open. Nothing is mounted before it was looked
# at, and md is told to start arrays without writing (md_mod.start_ro on the kernel's command line).
. /lab/hosts/lib.sh
given_disks
# Those that were plugged in have the next letters.
for d in e f g h; do echo "SUBSYSTEM==\"block\", KERNEL==\"ubd$d*\", SYMLINK+=\"sd$d%n\""; done >>/run/udev/rules.d/10-ubd.rules
udevadm control --reload
udevadm trigger --settle --subsystem-match=block
mkdir -p /run/seen /run/keys
name() { case $1 in /dev/md*) mdadm --detail --export "$1" | sed -n 's/^MD_NAME=.*:/\/dev\/md/p' ;; /dev/ubd*) echo "/dev/sd${1#/dev/ubd}" ;; /dev/dm-*) echo "/dev/mapper/$(cat "/sys/block/${1#/dev/}/dm/name")" ;; *) echo "$1" ;; esac; }

# look DEVICE TYPE: what it says of itself, and what is needed to see what lies above it.
look() {
  case $2 in
    linux_raid_member)
      mdadm --examine "$1" | sed -n 's/.*Array UUID : //p; s/.*UUID : \([0-9a-f:]*\).*/\1/p' | head -n 1 >/run/uuid
      echo "$1" >>"/run/array-$(cat /run/uuid)"
      ;;
    crypto_LUKS)
      for key in $PASS /run/keys/*/*.key; do
        [ -f "$key" ] && cryptsetup open --disable-keyring --readonly --key-file "$key" "$1" "open_$(basename "$1")" 2>/dev/null && break
      done
      [ -b "/dev/mapper/open_$(basename "$1")" ] || return 1
      ;;
    LVM2_member) vgchange -q -ay --noudevsync >/dev/null 2>&1 || true ;;
    vfat) if fsck.vfat -n "$1" 2>&1 | grep -qi 'dirty bit is set'; then echo "$(name "$1") (vfat) is not clean"; fi ;;
    swap) ;;
    *)
      : >/run/saw
      if clean "$1" >/run/said 2>&1; then
        case $2 in ext*)
          at=/run/keys/$(basename "$1")
          mkdir -p "$at"
          # A key file may lie here; noload, or a journal would be replayed.
          if mount -o ro,noload "$1" "$at" 2>/dev/null; then
            mkdir -p "/run/keys/of-$(basename "$1")"
            cp "$at"/*.key "/run/keys/of-$(basename "$1")/" 2>/dev/null || true
            umount "$at"
          fi
        esac
      else
        echo "$(name "$1") ($2) is not clean"
      fi
      ;;
  esac
}

again=y
while [ -n "$again" ]; do
  again=
  udevadm settle
  for device in $(lsblk -nrpo KNAME | grep -v '/loop' | sort -u); do
    seen=/run/seen/$(basename "$device")
    [ ! -e "$seen" ] || continue
    type=$(blkid -p -o value -s TYPE "$device" 2>/dev/null) || type=
    # A disk with partitions, or a partition with nothing on it.
    [ -n "$type" ] || { : >"$seen"; continue; }
    if look "$device" "$type"; then
      : >"$seen"
      again=y
    fi
  done
  # Only when no further member came to light: an array is put together once.
  [ -z "$again" ] || continue
  for array in /run/array-*; do
    case $array in *.md | *\*) continue ;; esac
    [ ! -e "$array.md" ] || continue
    : >"$array.md"
    number=$((${number:-9} + 1))
    # shellcheck disable=SC2046
    mdadm --assemble --readonly --run --quiet /dev/md$number $(cat "$array") 2>/dev/null || true
    again=y
  done
done

for device in $(lsblk -nrpo KNAME | grep -v '/loop' | sort -u); do
  [ -e "/run/seen/$(basename "$device")" ] || echo "$(name "$device") could not be opened"
done
for array in /run/array-*; do
  case $array in *.md | *\*) continue ;; esac
  # shellcheck disable=SC2046
  array_clean $(cat "$array") >/run/said 2>&1 || head -n 1 /run/said
done
[ -e /run/saw ] || echo 'no file system was found'
