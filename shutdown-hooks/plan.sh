# shellcheck shell=dash
# shellcheck disable=SC2034 # plan is for the caller

# choose_plan FILE…: leaves the first that is whole in $plan. Its first line is the sum of the others; what is not whole is not run at all.
# By length, so that the first line is no more than that: it is read by the shell as well.
choose_plan() {
  local each line sum
  for each; do
    [ -r "$each" ] || continue
    line=
    IFS= read -r line <"$each"
    sum=$(tail -c +68 "$each" | sha256sum)
    if [ "$line" = "# ${sum%% *}" ]; then
      plan=$each
      return 0
    fi
    say 4 "[FAILED] ${each##*/} is damaged and is not used"
  done
  return 1
}
