# Prints which of the programs in the arguments can be run.
for program in "$@"; do
    command -v -- "$program" >/dev/null && echo "$program"
done
exit 0
