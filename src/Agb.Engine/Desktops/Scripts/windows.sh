# Prints the windows, topmost last: their numbers, their positions, and then the properties and the process of each.
# $1 is "commands" for the command lines of the processes. Texts are in hexadecimal bytes, so that no title looks like a property.
list=$(xprop -root _NET_CLIENT_LIST_STACKING _NET_ACTIVE_WINDOW) || exit 90
printf '%s\n' "$list"
list=${list#*"# "}
list=${list%%_NET_ACTIVE_WINDOW*}
xwininfo -root -tree | sed -n 's/^ *\(0x[0-9a-f]*\) .*  \([0-9]*\)x\([0-9]*\)+-\{0,1\}[0-9]*+-\{0,1\}[0-9]*  +\(-\{0,1\}[0-9]*\)+\(-\{0,1\}[0-9]*\)$/position \1 \2 \3 \4 \5/p'
seen=" "
for window in $list; do
    window=${window%,}
    # A window that has closed meanwhile has no properties.
    properties=$(xprop -id "$window" -f _NET_WM_NAME 8x -f _NET_WM_VISIBLE_NAME 8x -f WM_NAME 8x \
        _NET_WM_NAME _NET_WM_VISIBLE_NAME WM_NAME _NET_WM_PID _NET_WM_STATE WM_STATE 2>/dev/null) || continue
    case $properties in *"window state"*) ;; *) continue ;; esac
    printf 'window %s\n%s\n' "$window" "$properties"
    pid=${properties##*"_NET_WM_PID(CARDINAL) = "}
    [ "$pid" != "$properties" ] || { read -r pid < "$folder/window.$window" || continue; } 2>/dev/null
    pid=${pid%%[!0-9]*}
    { read -r name < "/proc/$pid/comm"; } 2>/dev/null || continue
    printf 'process %s %s\n' "$pid" "$name"
    case $seen in *" $pid "*) continue ;; esac
    seen="$seen$pid "
    [ "$1" = commands ] && printf 'command %s ' "$pid" && tr '\0\n' '  ' < "/proc/$pid/cmdline" && echo
done
exit 0
