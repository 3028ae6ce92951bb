# Waits for the first window of the app with the process id $1, whose messages are in $2; the rest are the windows before it.
# Its processes have its session id (setsid(2)). A program that leaves the window to a running one ends without its own.
leader=$1 log=$2
shift 2
before=" $* "
found=

# Reads the session of a process that has not ended (proc(5), stat).
session_of() {
    { read -r stat < "/proc/$1/stat"; } 2>/dev/null || return 1
    set -- ${stat##*") "}
    session=$4
    [ "$1" != Z ]
}

has_ended() {
    session_of "$leader" && return 1
    for process in /proc/[0-9]*; do
        session_of "${process#/proc/}" && [ "$session" = "$leader" ] && return 1
    done
    return 0
}

stop() {
    echo "$1" >&2
    tail -c 2000 "$log" | tail -n 5 >&2
    rm -f "$log"
    for process in /proc/[0-9]*; do
        session_of "${process#/proc/}" && [ "$session" = "$leader" ] && kill -KILL "${process#/proc/}"
    done
    exit 92
}

look() {
    list=$(xprop -root _NET_CLIENT_LIST)
    for window in ${list#*"# "}; do
        window=${window%,}
        case $before in *" $window "*) continue ;; esac
        # The list may still have a window of an ended program with this number: the window manager sets the state of the new one.
        pid=$(xprop -id "$window" WM_STATE _NET_WM_PID 2>/dev/null) || continue
        case $pid in
            *"window state"*" = "*) pid=${pid##* } ;;
            *"WM_STATE:"*) continue ;;
            *) pid=$leader; echo "$leader" > "$folder/window.$$" && mv "$folder/window.$$" "$folder/window.$window" ;;
        esac
        session_of "$pid" || continue
        [ "$session" = "$leader" ] || [ $ended -gt 0 ] || continue
        found="$found $pid"
        last=$window
    done
    [ -n "$found" ]
}

ended=0
limit=$(($(date +%s) + 30))
until look; do
    if has_ended; then
        ended=$((ended + 1))
        [ $ended -le 15 ] || stop "It ended without a window."
    fi
    [ "$(date +%s)" -lt $limit ] || stop "It opened no window within 30 s, and was ended."
    sleep 0.03
done
# The window manager gives it the keyboard a moment later, unless its settings say otherwise.
count=0
until case "$(xprop -root _NET_ACTIVE_WINDOW)," in *" $last,"*) true ;; *) [ $count -gt 10 ] ;; esac; do
    count=$((count + 1))
    sleep 0.03
done
: > "$log"
echo "found$found"
set -- commands
