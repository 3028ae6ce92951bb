# Changes the window $1: $2 is the change, $3 and $4 are a size or a position. Returns when it is so.
window=$1

# Whether the window is there.
is_listed() {
    case "$(xprop -root _NET_CLIENT_LIST)," in
        *" $window,"*) return 0 ;;
        *) return 1 ;;
    esac
}

# Reads the state; a window that has closed meanwhile has none.
look() { state=$(xprop -id "$window" WM_STATE _NET_WM_STATE 2>/dev/null) || exit 91; }
has() { look; case $state in *"$1"*) return 0 ;; *) return 1 ;; esac; }
has_not() { ! has "$1"; }
is_active() { case "$(xprop -root _NET_ACTIVE_WINDOW)," in *" $window,"*) return 0 ;; *) return 1 ;; esac; }
is_gone() { ! is_listed; }

# The position and the size of the content.
geometry() {
    information=$(xwininfo -id "$window" 2>/dev/null) || exit 91
    set -- ${information##*"Absolute upper-left X:"}
    x=$1 y=$5 width=${15} height=${17}
}

# Waits for a condition, a limited time; the failure shows the last state.
await() {
    count=0
    until "$@"; do
        count=$((count + 1))
        if [ $count -gt 300 ]; then
            is_listed || exit 91
            [ "$1" = is_gone ] && echo "It did not close within 10 s." >&2 || xprop -id "$window" WM_STATE _NET_WM_STATE >&2
            exit 94
        fi
        sleep 0.03
    done
}

show() {
    has "window state: Iconic" || return 0
    xdotool windowactivate "$window"
    await has "window state: Normal"
}

# Takes back states that fix position and size.
release() {
    for one in FULLSCREEN MAXIMIZED_VERT MAXIMIZED_HORZ; do
        has "_NET_WM_STATE_$one" || continue
        wmctrl -i -r "$window" -b "remove,$(echo $one | tr A-Z a-z)"
        await has_not "_NET_WM_STATE_$one"
    done
}

is_listed || exit 91
case $2 in
    activate)
        xdotool windowactivate "$window"
        await is_active
        ;;
    close)
        wmctrl -i -c "$window"
        await is_gone
        ;;
    minimize)
        xdotool windowminimize "$window"
        await has "window state: Iconic"
        ;;
    maximize)
        show
        has _NET_WM_STATE_FULLSCREEN && wmctrl -i -r "$window" -b remove,fullscreen && await has_not _NET_WM_STATE_FULLSCREEN
        wmctrl -i -r "$window" -b add,maximized_vert,maximized_horz
        await has _NET_WM_STATE_MAXIMIZED_VERT
        await has _NET_WM_STATE_MAXIMIZED_HORZ
        ;;
    fullscreen)
        show
        wmctrl -i -r "$window" -b add,fullscreen
        await has _NET_WM_STATE_FULLSCREEN
        ;;
    restore)
        show
        release
        ;;
    resize)
        show
        release
        xdotool windowsize "$window" "$3" "$4"
        # The program may allow other sizes only: the size is final when it stays.
        count=0
        last=
        while geometry; [ "$width" != "$3" ] || [ "$height" != "$4" ]; do
            [ "$last" = "$width $height" ] || count=0
            last="$width $height"
            count=$((count + 1))
            if [ $count -gt 15 ]; then
                echo "$last"
                xprop -id "$window" WM_NORMAL_HINTS
                break
            fi
            sleep 0.03
        done
        ;;
    move)
        show
        release
        wmctrl -i -r "$window" -e "0,$3,$4,-1,-1"
        frame=$(xprop -id "$window" _NET_FRAME_EXTENTS 2>/dev/null)
        frame=${frame##*= }
        left=${frame%%,*}
        frame=${frame#*, *, }
        top=${frame%%,*}
        case $left$top in *[!0-9]*) left=0 top=0 ;; esac
        is_there() { geometry; [ $((x - left)) = "$1" ] && [ $((y - top)) = "$2" ]; }
        await is_there "$3" "$4"
        ;;
esac
exit 0
