# Starts the server of the live view on the port $1 of the session's loopback, unless it runs; $2 is its option -viewonly or nothing.
exec 8> "$folder/view.lock"
flock 8
# tcp in proc(5): the state 0A is LISTEN.
listens() { grep -q "0100007F:$(printf %04X "$port") 00000000:0000 0A" /proc/net/tcp; }
port=$1
listens && exit 0
log=$folder/view.$port.log
setsid x11vnc -display "$DISPLAY" -rfbport "$port" -localhost -no6 -rfbportv6 -1 -shared -forever -nopw -nolookup -quiet -norc $2 8>&- </dev/null >"$log" 2>&1 &
count=0
until listens; do
    if ! kill -0 $! 2>/dev/null || [ $count -gt 1000 ]; then
        tail -c 2000 "$log" | tail -n 5 >&2
        kill -KILL $! 2>/dev/null
        exit 90
    fi
    count=$((count + 1))
    sleep 0.01
done
