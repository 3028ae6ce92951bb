# Sets whether new windows get the keyboard: $1 is yes or no. The window manager names its theme again after it has read its settings.
exec 8> "$folder/focus.lock"
flock 8
spy=
trap '[ -z "$spy" ] || kill "$spy"; rm -f "$folder/theme"' EXIT
trap 'exit 90' HUP INT TERM
configure "$1"
rm -f "$folder/theme"
mkfifo "$folder/theme" || exit 90
timeout 10 xprop -root -spy _OB_THEME > "$folder/theme" 2>&1 8>&- &
spy=$!
{
    read -r _
    openbox --reconfigure || exit 90
    read -r _ || exit 94
} < "$folder/theme"
