# Ends the processes in the arguments: politely, and after 3 s by force. With the first process of an app all of its processes end.

# Reads state and session of a process (proc(5), stat).
look() {
    { read -r stat < "/proc/$1/stat"; } 2>/dev/null || return 1
    set -- ${stat##*") "}
    session=$4
    [ "$1" != Z ]
}

leaders=" "
for pid in "$@"; do
    look "$pid" && [ "$session" = "$pid" ] && leaders="$leaders$pid "
done
kill -TERM "$@" 2>/dev/null
count=0
while :; do
    left=
    for pid in "$@"; do
        look "$pid" && left="$left $pid"
    done
    [ -n "$left" ] || break
    count=$((count + 1))
    [ $count -ne 100 ] || kill -KILL $left
    [ $count -lt 300 ] || exit 94
    sleep 0.03
done
for process in /proc/[0-9]*; do
    look "${process#/proc/}" || continue
    case $leaders in *" $session "*) kill -KILL "${process#/proc/}" ;; esac
done
exit 0
