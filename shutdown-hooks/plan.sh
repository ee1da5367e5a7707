# shellcheck shell=dash
# shellcheck disable=SC2034 # plan is for the caller

# choose_plan FILE…: leaves the first that is whole in $plan. Its first line is the sum of the others; what is not whole is not run at all.
choose_plan() {
  local each sum
  for each; do
    [ -r "$each" ] || continue
    read -r _ sum <"$each"
    if [ "$(tail -n +2 "$each" | sha256sum)" = "$sum  -" ]; then
      plan=$each
      return 0
    fi
    say 4 "[FAILED] ${each##*/} is damaged and is not used"
  done
  return 1
}
