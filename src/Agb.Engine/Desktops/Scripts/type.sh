# Types the text of stdin. The arguments are its characters beyond the US keyboard, as keysyms. Each gets a place on an unused key, and
# keeps it: a program may read the keyboard's map only when it comes to a key, long after it was pressed.
exec 8> "$folder/type.lock"
flock 8
characters=$(cat "$folder/characters" 2>/dev/null)
count=$(set -- $characters; echo $#)
new=
for character in "$@"; do
    case " $characters $new " in
        *" $character "*) ;;
        *) new="$new $character" count=$((count + 1)) ;;
    esac
done
if [ -n "$new" ]; then
    if [ $count -gt 200 ]; then
        # The first ones lose their places; programs get time for what they have not read yet.
        sleep 1
        characters=
        new="$*"
    fi
    characters="$characters $new"
    # Keycodes without a key on a PC keyboard of the US.
    keys="$(seq -f I%g 147 190) $(seq -f FK%g 13 24) $(seq -f I%g 208 234) $(seq -f I%g 239 255)"
    {
        echo 'xkb_keymap { xkb_keycodes { include "evdev+aliases(qwerty)" }; xkb_types { include "complete" };'
        echo 'xkb_compat { include "complete" }; xkb_symbols { include "pc+us"'
        set -- $characters
        for key in $keys; do
            [ $# -gt 0 ] || break
            echo "key <$key> { type = \"TWO_LEVEL\", symbols[Group1] = [ $1, ${2:-NoSymbol} ] };"
            shift
            [ $# -gt 0 ] && shift
        done
        echo '}; };'
    } > "$folder/keyboard.xkb"
    xkbcomp -w 0 "$folder/keyboard.xkb" "$DISPLAY" || exit 90
    echo $characters > "$folder/characters.$$" && mv "$folder/characters.$$" "$folder/characters"
fi
xdotool type --delay 0 --file -
