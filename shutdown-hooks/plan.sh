# shellcheck shell=dash
# shellcheck disable=SC2034 # plan is for the caller

# choose_plan FILE…: leaves the first that is whole in $plan. Its last line is the sum of the others; what is not whole is not run at all.
choose_plan() {
  local each
  for each; do
    [ -r "$each" ] || continue
    if [ "$(sed '$d' "$each" | sha256sum)" = "$(sed -n '$s/^# //p' "$each")  -" ]; then
      plan=$each
      return 0
    fi
    say 4 "[FAILED] ${each##*/} is damaged and is not used"
  done
  return 1
}
