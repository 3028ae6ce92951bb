# Starts the app $1. Prints the windows before it, and then its process id and the file of its messages.
list=$(xprop -root _NET_CLIENT_LIST) || exit 90
for window in ${list#*"# "}; do
    # The list may still have a window of an ended program, whose number the next program gets.
    window=${window%,}
    xprop -id "$window" WM_STATE >/dev/null 2>&1 && echo "$window"
done
# A browser of a session that was killed leaves its lock in a profile kept by a context.
profile=/tmp/agb_browser_data
owner=$(readlink "$profile/SingletonLock")
[ -z "$owner" ] || [ "${owner%-*}" = "$(uname -n)" ] || rm -f "$profile"/Singleton*
log=$(mktemp "$folder/app.XXXXXXXX") || exit 90
setsid "$0" -c "$1" </dev/null >>"$log" 2>&1 &
echo "$! $log"
