# $1 is the number of keysyms to check: the next arguments. A key that is not down is released without effect. The rest is for xdotool.
count=$1
shift
while [ $count -gt 0 ]; do
    case $(xdotool keyup "$1" 2>&1) in
        *"No such key"*)
            echo "$1" >&2
            exit 93
            ;;
    esac
    shift
    count=$((count - 1))
done
exec xdotool "$@"
